"""Running statistics of batch norms: what evaluation uses in place of the batch's own must follow the data.

They are compared with the batch at the first forward of a validation. A gap there is a note: validation may be shifted
on purpose. Statistics that are not finite, or that training leaves where they began, are faults.

Source: Ioffe and Szegedy 2015, section 3.1; PyTorch documentation, torch.nn.BatchNorm2d.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from assay.finding import Finding
from assay.monitors.drift import StatisticsGap, measure_statistics_gap

SOURCE = "Ioffe and Szegedy 2015, section 3.1"
LARGEST_SHIFT, LARGEST_SCALE, LEAST = 1.0, 10.0, 3
BatchNorm = nn.modules.batchnorm._BatchNorm


class Statistics:
    """Watches every batch norm that has running statistics."""

    def __init__(self, model: nn.Module) -> None:
        norms = {name: module for name, module in model.named_modules() if isinstance(module, BatchNorm)}
        self.norms = {name: norm for name, norm in norms.items() if norm.running_mean is not None}
        self.batches = {name: _batches(norm) for name, norm in self.norms.items()}
        self.gaps: dict[str, StatisticsGap] = {}
        self.evaluated = self._is_over = False
        self._handles: list[RemovableHandle] = []

    def look(self, model: nn.Module) -> None:
        """Measure the gaps in the forward that begins now."""
        self.evaluated = True
        if not self.norms or self._handles:
            return
        self._is_over = False
        for name, norm in self.norms.items():
            self._handles.append(norm.register_forward_pre_hook(partial(self._measure, name)))
        self._handles.append(model.register_forward_hook(self._end, always_call=True))

    def _measure(self, name: str, norm: nn.Module, inputs: tuple[Any, ...]) -> None:
        if (
            not self._is_over
            and isinstance(norm, BatchNorm)
            and not norm.training
            and inputs
            and isinstance(inputs[0], Tensor)
        ):
            gap = measure_statistics_gap(norm, inputs[0])
            if gap is not None:
                self.gaps[name] = gap

    def _end(self, *_: Any) -> None:
        # Torch goes through the hooks now; they are removed later.
        self._is_over = True

    @property
    def is_open(self) -> bool:
        return bool(self._handles)

    def close(self) -> None:
        """Let go of the hooks."""
        for handle in self._handles:
            handle.remove()
        self._handles.clear()

    def findings(self) -> list[Finding]:
        if not self.norms:
            return []
        broken = [name for name, norm in self.norms.items() if not _is_finite(norm)]
        if broken:
            text = f"Running statistics of {_names(broken)} are NaN or infinite: evaluation can give no number."
            return [Finding("norm_statistics", "proved", text, {"layers": broken}, *_BROKEN, SOURCE)]
        still = [name for name, norm in self.norms.items() if self._stands(name, norm)]
        if still and self.evaluated:
            text = f"Running statistics of {_names(still)} are still 0 and 1 after training, and evaluation uses them."
            return [Finding("norm_statistics", "proved", text, {"layers": still}, *_STILL, SOURCE)]
        return self._gap()

    def _stands(self, name: str, norm: nn.Module) -> bool:
        mean, variance = norm.running_mean, norm.running_var
        first = (
            isinstance(mean, Tensor) and isinstance(variance, Tensor) and not mean.any() and bool((variance == 1).all())
        )
        return first and _batches(norm) >= self.batches[name] + LEAST

    def _gap(self) -> list[Finding]:
        if not self.gaps:
            return []
        worst = max(self.gaps, key=lambda name: self.gaps[name].shift)
        gap = self.gaps[worst]
        text = (
            f"At validation the batch lies {gap.shift:.2g} deviations from the running mean in {worst} (the most of "
            f"{len(self.gaps)} batch norms), and its variance is {gap.scale:.2g} times the running one."
        )
        layers = {name: {"shift": one.shift, "scale": one.scale} for name, one in self.gaps.items()}
        far = gap.shift > LARGEST_SHIFT or not 1 / LARGEST_SCALE <= gap.scale <= LARGEST_SCALE
        return [Finding("norm_statistics", "note", text, {"layers": layers}, *(_FAR if far else ("", "")), SOURCE)]


def _batches(norm: nn.Module) -> int:
    count = norm.num_batches_tracked
    return int(count) if isinstance(count, Tensor) else 0


def _is_finite(norm: nn.Module) -> bool:
    return all(bool(torch.isfinite(buffer).all()) for buffer in norm.buffers(recurse=False))


def _names(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


_BROKEN = (
    "NaN or infinite values went through in training mode, from a batch or from weights that had grown without bound; "
    "the statistics keep them for ever.",
    "Lower the learning rate if the loss grew first; else find the batch (inputs_finite). Start the statistics anew.",
)
_STILL = ("The norm's momentum is 0.", "Use the default momentum of 0.1, or None for a plain average.")
_FAR = (
    "Statistics lag behind (a small momentum, few steps, a high rate), or validation is preprocessed in another way.",
    "Compare the preprocessing of both splits; estimate the statistics anew on training data before validation.",
)
