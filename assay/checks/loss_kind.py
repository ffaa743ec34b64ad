"""Which loss is this? Told by what it does to made-up outputs, so a lambda is as good as a class.

A cross entropy with smoothing e and reduction factor s returns, for every outputs and targets,
    s * ((1 - e) * cross_entropy + e * mean over classes of -log_softmax)
so two probes give s and e, and a third confirms them. The other losses are known by one factor.
"""

from __future__ import annotations

import functools
import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import torch
import torch.nn.functional as F
from torch import Tensor

Name = Literal["cross_entropy", "nll", "binary_logits", "binary", "squared", "absolute", "unknown"]
Reference = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class LossKind:
    """`value = scale * mean loss`, with what is needed to know its expected values.

    Args:
        class_axis: axis of the outputs that holds the classes, 1 or -1.
        smoothing: label smoothing, 0 for none.
        scale: 1 for a mean over examples, their number for a sum.
        broadcasts: outputs and targets of different shape are stretched to each other.
    """

    name: Name
    num_classes: int = 0
    class_axis: int = 1
    smoothing: float = 0.0
    scale: float = 1.0
    ignored_label: int = -100
    weights: Tensor | None = None
    broadcasts: bool = False

    @property
    def is_classification(self) -> bool:
        return self.name in ("cross_entropy", "nll")

    @property
    def has_floor(self) -> bool:
        """Whether the lowest loss can be told; an unknown loss may have none."""
        return self.name in ("cross_entropy", "nll", "binary_logits", "binary", "squared")

    def class_rows(self, outputs: Tensor) -> Tensor:
        """Outputs as (rows, classes), one row a label."""
        return outputs.movedim(self.class_axis, -1).flatten(0, -2)

    def label_rows(self, targets: Tensor) -> Tensor:
        """Targets as class indices (rows,) or distributions (rows, classes)."""
        return self.class_rows(targets) if targets.is_floating_point() else targets.flatten()


def recognise(loss_fn: Callable[..., Any], outputs: Tensor, targets: Any) -> LossKind:
    """Probe `loss_fn` with made-up outputs and targets of these shapes and dtypes."""
    unknown = LossKind("unknown")
    if not isinstance(targets, Tensor) or targets.is_complex():
        return unknown
    hints = _hints(loss_fn)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # torch warns of stretched shapes, which a later check reports
        for axis in (1, -1) if outputs.dim() > 2 else (-1,):
            kind = _as_cross_entropy(loss_fn, outputs, targets, axis, hints)
            if kind is not None:
                return kind
        for name, draw, reference, broadcasts in _CANDIDATES:
            scale = _factor(loss_fn, outputs, targets, draw, functools.partial(reference, hints=hints))
            if scale is not None:
                num_classes = outputs.shape[1] if outputs.dim() > 1 else 1
                ignored = hints.get("ignore_index", -100)
                return LossKind(
                    name, num_classes, 1, 0.0, scale, ignored, broadcasts=broadcasts and outputs.shape != targets.shape
                )
    return unknown


def _hints(loss_fn: Any) -> dict[str, Any]:
    """Weights and the ignored label, where the loss says them."""
    keywords = loss_fn.keywords if isinstance(loss_fn, functools.partial) else {}
    found = {
        name: keywords.get(name, getattr(loss_fn, name, None)) for name in ("weight", "ignore_index", "pos_weight")
    }
    return {name: value for name, value in found.items() if value is not None}


def _made_up_targets(outputs: Tensor, targets: Tensor, axis: int, generator: torch.Generator) -> Tensor:
    classes = outputs.shape[axis] if outputs.dim() > 1 else 1
    if not targets.is_floating_point():
        labels = torch.randint(max(classes, 2), targets.shape, generator=generator)
        return labels.to(device=targets.device, dtype=targets.dtype)
    if targets.shape == outputs.shape and classes > 1:
        return torch.randn(targets.shape, generator=generator).softmax(axis).to(targets)
    return torch.rand(targets.shape, generator=generator).to(targets)


def _value(loss_fn: Callable[..., Any], outputs: Tensor, targets: Tensor) -> float | None:
    try:
        return float(loss_fn(outputs, targets))
    except Exception:  # whatever a stranger's loss raises means that it is not this kind
        return None


def _as_cross_entropy(
    loss_fn: Callable[..., Any], outputs: Tensor, targets: Tensor, axis: int, hints: dict[str, Any]
) -> LossKind | None:
    classes = outputs.shape[axis]
    if classes < 2 or outputs.dim() < 2:
        return None
    kind = LossKind("cross_entropy", classes, axis, ignored_label=hints.get("ignore_index", -100))
    settings = {name: hints[name] for name in ("weight", "ignore_index") if name in hints}
    values, rows = [], []
    for probe in range(3):
        generator = torch.Generator().manual_seed(probe)
        made_up = torch.randn(outputs.shape, generator=generator).mul_(2).to(outputs)
        labels = _made_up_targets(outputs, targets, axis, generator)
        value = _value(loss_fn, made_up, labels)
        if value is None or kind.label_rows(labels).shape[0] != kind.class_rows(made_up).shape[0]:
            return None
        hard, smooth = (
            _value(
                functools.partial(F.cross_entropy, label_smoothing=smoothing, **settings),
                kind.class_rows(made_up),
                kind.label_rows(labels),
            )
            for smoothing in (0.0, 1.0)
        )
        values.append(value)
        rows.append((hard, smooth))
    return _solve_smoothing(kind, values, rows, hints.get("weight"))


def _solve_smoothing(kind: LossKind, values: list[float], rows: list[Any], weights: Any) -> LossKind | None:
    if any(part is None for row in rows for part in row):
        return None
    system = torch.tensor(rows, dtype=torch.float64)
    if abs(float(torch.linalg.det(system[:2]))) < 1e-6:
        return None
    hard, smooth = torch.linalg.solve(system[:2], torch.tensor(values[:2], dtype=torch.float64)).tolist()
    scale, predicted = hard + smooth, hard * rows[2][0] + smooth * rows[2][1]
    smoothing = smooth / scale if scale else math.nan
    close = math.isclose(predicted, values[2], rel_tol=1e-3, abs_tol=1e-5)
    if not (close and scale > 1e-6 and -1e-2 < smoothing <= 1.0):
        return None
    smoothing = 0.0 if smoothing < 1e-3 else round(smoothing, 4)
    return LossKind("cross_entropy", kind.num_classes, kind.class_axis, smoothing, scale, kind.ignored_label, weights)


def _factor(
    loss_fn: Callable[..., Any],
    outputs: Tensor,
    targets: Tensor,
    draw: Callable[[Tensor], Tensor],
    reference: Reference,
) -> float | None:
    """The number s with loss = s * reference on every probe, or None."""
    factors = []
    for probe in range(3):
        generator = torch.Generator().manual_seed(probe)
        made_up = draw(torch.randn(outputs.shape, generator=generator)).to(outputs)
        labels = _made_up_targets(outputs, targets, 1 if outputs.dim() > 1 else 0, generator)
        value, expected = _value(loss_fn, made_up, labels), _value(reference, made_up, labels)
        if value is None or expected is None or expected == 0.0 or not math.isfinite(value / expected):
            return None
        factors.append(value / expected)
    spread = max(factors) - min(factors)
    return factors[0] if factors[0] > 0 and spread <= 1e-3 * factors[0] else None


def _nll(outputs: Tensor, labels: Tensor, hints: dict[str, Any]) -> Tensor:
    return F.nll_loss(outputs, labels, weight=hints.get("weight"), ignore_index=hints.get("ignore_index", -100))


def _binary_logits(outputs: Tensor, labels: Tensor, hints: dict[str, Any]) -> Tensor:
    weights = {name: hints[name] for name in ("weight", "pos_weight") if name in hints}
    return F.binary_cross_entropy_with_logits(outputs, labels.to(outputs.dtype).reshape(outputs.shape), **weights)


def _binary(outputs: Tensor, labels: Tensor, hints: dict[str, Any]) -> Tensor:
    return F.binary_cross_entropy(outputs, labels.to(outputs.dtype).reshape(outputs.shape))


def _squared(outputs: Tensor, labels: Tensor, hints: dict[str, Any]) -> Tensor:
    return F.mse_loss(outputs, labels.to(outputs.dtype).reshape(outputs.shape))


def _squared_stretched(outputs: Tensor, labels: Tensor, hints: dict[str, Any]) -> Tensor:
    return (outputs - labels.to(outputs.dtype)).square().mean()


def _absolute(outputs: Tensor, labels: Tensor, hints: dict[str, Any]) -> Tensor:
    return F.l1_loss(outputs, labels.to(outputs.dtype).reshape(outputs.shape))


def _as_drawn(outputs: Tensor) -> Tensor:
    return outputs


_CANDIDATES: tuple[tuple[Name, Callable[[Tensor], Tensor], Any, bool], ...] = (
    ("nll", _as_drawn, _nll, False),
    ("binary_logits", _as_drawn, _binary_logits, False),
    ("squared", _as_drawn, _squared, False),
    ("squared", _as_drawn, _squared_stretched, True),
    ("absolute", _as_drawn, _absolute, False),
    ("binary", torch.sigmoid, _binary, False),
)
