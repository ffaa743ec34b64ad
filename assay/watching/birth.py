"""The birth of NaN: the update in which gradients first are not finite, and the module that made them so.

One small gradient is summed before each update. Once it is not finite the weights are still whole, so the last forward
can be repeated to see which operation was the first to break; if none does, the loss or a backward did.

On a GPU sums are read a few updates at a time, not to wait for each: the step is exact, the module then unknown where
the weights have broken meanwhile.

Source: PyTorch documentation, torch.autograd.set_detect_anomaly.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from assay.finding import Finding
from assay.monitors.nonfinite import Birth, BirthObserver, broken_tensors, nearest_broken_gradient
from assay.monitors.tracing import Tracing
from assay.watching.moment import Moment

SOURCE = "PyTorch documentation, torch.autograd.set_detect_anomaly"
READ_AT_ONCE, FIRST, SHORT = 16, 3, 64


class Births:
    """Watches one optimiser's updates for the first that is not finite."""

    def __init__(self, model: nn.Module, witnesses: list[nn.Parameter], moment: Moment, *, can_trace: bool) -> None:
        self.model, self.can_trace, self._moment = model, can_trace, moment
        # What breaks on the way back reaches the first layers last, so their gradients show it all.
        self._post(witnesses[:FIRST])
        self.finding: Finding | None = None
        self._witnesses = witnesses
        self._device = witnesses[0].device.type if witnesses else "cpu"
        self._is_ready = self._device == "cpu"
        self._waiting: list[tuple[int, Tensor]] = []
        self._autocast: tuple[str, torch.dtype] | None = None

    def look(self) -> None:
        """The forward that begins now shows the precision that all have."""
        device = self._device
        self._autocast = (device, torch.get_autocast_dtype(device)) if torch.is_autocast_enabled(device) else None

    def update(self, step: int) -> None:
        """An update is about to be made. Called at every one: on one page, and no call too many."""
        gradient = self.sentinel.grad if self.sentinel is not None else None
        if gradient is None or gradient.is_sparse:
            self._find_sentinel()
            return
        if self._is_ready:
            # A few numbers are added sooner in Python than by an operation of torch.
            total = sum(gradient.tolist()) if self._is_short else gradient.sum().item()
            if not math.isfinite(total):
                self._tell(step)
            return
        self._waiting.append((step, gradient.sum()))
        if len(self._waiting) >= READ_AT_ONCE:
            self.read_waiting(step)

    def answered(self, step: int, *, is_nothing: bool) -> None:
        """The model's answers are not finite in an update that leaves gradients so, as behind a ReLU.

        Infinity alone is told only, and only where it was not filled in: a logarithm of a mask is made on purpose.
        """
        if self.finding is not None:
            return
        birth = self._repeat()
        if birth is None and not is_nothing:
            return
        told = f"{birth.operation} in {birth.module or 'its own forward'} was the first" if birth else "not seen where"
        what, level = ("NaN, or nothing finite," if is_nothing else "infinity"), "suspect" if is_nothing else "note"
        text = f"The model's answers hold {what} at step {step}, though no gradient shows it: {told}."
        evidence = {"step": step} | ({"module": birth.module, "operation": birth.operation} if birth else {})
        self.finding = Finding("finite_values", level, text, evidence, *_FORWARD, SOURCE)

    def _find_sentinel(self) -> None:
        """The smallest of the first parameters that have a gradient; none once the birth is known."""
        found = [] if self.finding is not None else [p for p in self._witnesses if p.grad is not None]
        self._post([parameter for parameter in found[:FIRST] if _is_dense(parameter)])

    def _post(self, parameters: list[nn.Parameter]) -> None:
        self.sentinel = min(parameters, key=Tensor.numel, default=None)
        self._is_short = self.sentinel is not None and self.sentinel.ndim == 1 and self.sentinel.numel() <= SHORT

    def read_waiting(self, now: int) -> None:
        """Read the sums that are still on the device."""
        if not self._waiting or self.finding is not None:
            return
        sums = torch.stack([total.float() for _, total in self._waiting]).tolist()
        broken = [step for (step, _), total in zip(self._waiting, sums, strict=True) if not math.isfinite(total)]
        self._waiting.clear()
        if broken:
            if broken[0] == now:
                self._tell(now)
            else:
                self.finding = _finding(broken[0], *_SEEN_LATE, {})

    def _tell(self, step: int) -> None:
        self.finding, self.sentinel = self._investigate(step), None

    def _investigate(self, step: int) -> Finding:
        if self._moment.call is not None and broken_tensors(self._moment.call):
            return _finding(step, "the batch that entered the model holds them", *_BATCH, {"module": ""})
        birth = self._repeat()
        if birth is not None:
            module = birth.module or "the model's own forward"
            told = f"{birth.operation} in {module} was the first to give NaN or infinity"
            words = _PARAMETER if birth.broken_parameter else _FORWARD
            return _finding(step, told, *words, {"module": birth.module, "operation": birth.operation})
        name = nearest_broken_gradient(self.model.named_parameters())
        told = f"the forward is finite, and {name} has the gradient nearest to the loss that is not"
        return _finding(step, told, *_BACKWARD, {"parameter": name})

    def _repeat(self) -> Birth | None:
        """The forward once more, with the same inputs, modes, precision, buffers and random numbers to come."""
        if self._moment.call is None or not self.can_trace:
            return None
        births, (arguments, named) = BirthObserver(), self._moment.call
        self._moment.is_own = True
        try:
            with _as_before(self.model), torch.no_grad(), self._precision(), Tracing(self.model, [births]):
                self.model(*arguments, **named)
        except RuntimeError:  # a batch that the loop has changed in place since; the step is known all the same
            return None
        finally:
            self._moment.is_own = False
        return births.birth

    def _precision(self) -> Any:
        device, dtype = self._autocast or ("cpu", torch.bfloat16)
        return torch.autocast(device, dtype, enabled=self._autocast is not None)


def _is_dense(parameter: nn.Parameter) -> bool:
    return parameter.grad is not None and not parameter.grad.is_sparse


@contextmanager
def _as_before(model: nn.Module) -> Iterator[None]:
    """Buffers and random states are put back."""
    devices = sorted({p.device.index or 0 for p in model.parameters() if p.device.type == "cuda"})
    buffers = [(buffer, buffer.clone()) for buffer in model.buffers()]
    with torch.random.fork_rng(devices):
        try:
            yield
        finally:
            for buffer, saved in buffers:
                buffer.data.copy_(saved)


def _finding(step: int, told: str, cause: str, fix: str, evidence: dict[str, Any]) -> Finding:
    text = f"Gradients are NaN or infinite since step {step}: {told}."
    return Finding("finite_values", "proved", text, {"step": step, **evidence}, cause, fix, SOURCE)


_BATCH = (
    "The data hold NaN or infinity, or preprocessing made them (a division by a deviation of 0, a logarithm of 0).",
    "Find the example and the column; assay.verify checks batches (inputs_finite).",
)
_FORWARD = (
    "A logarithm, root, division, exponential or power outside its range, or values that overflow their precision.",
    "Look at what enters this operation: clamp it or add an epsilon; normalise inputs; lower the learning rate.",
)
_PARAMETER = (
    "A parameter was not finite already: an earlier update broke it, or it was loaded so.",
    "Lower the learning rate, clip gradients; check the weights that were loaded.",
)
_BACKWARD = (
    "The loss function, or the slope of an operation (the root of 0, 0 / 0 in a where) between there and the loss.",
    "Look at the loss of this batch; torch.autograd.set_detect_anomaly(True) names the operation.",
)
_SEEN_LATE = (
    "the weights broke before it could be seen which module did it",
    "The loss overflowed, or an operation left its range.",
    "Repeat the training up to this step with torch.autograd.set_detect_anomaly(True), or on the CPU.",
)
