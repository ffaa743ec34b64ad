"""Which loss is this? Told by what it does to made-up outputs, so a lambda is as good as a class.

A cross entropy with smoothing e and reduction factor s returns, for every outputs and targets,
    s * ((1 - e) * cross_entropy + e * mean over classes of -log_softmax)
so two probes give s and e, and a third confirms them. The other losses are known by one factor. Labels that the loss
ignores, and sequences that it shifts by one place, are tried too.
"""

from __future__ import annotations

import functools
import math
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from assay.checks.losses.loss_kind import LossKind
from assay.checks.losses.loss_references import REFERENCES, Hints, Reference
from assay.checks.losses.memory_layout import laid_out_like


def recognise(loss_fn: Callable[..., Any], outputs: Tensor, targets: Any) -> LossKind:
    """Probe `loss_fn` with made-up outputs and targets of these shapes and dtypes."""
    unknown = LossKind("unknown")
    if not isinstance(targets, Tensor) or targets.is_complex():
        return unknown
    hints = _hints(loss_fn)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # torch warns of stretched shapes, which a later check reports
        for form, ignored in _forms(outputs, targets, hints):
            kind = _as_cross_entropy(loss_fn, outputs, targets, form, {**hints, "ignore_index": ignored})
            if kind is not None:
                return kind
        for reference in REFERENCES:
            kind = _as_reference(loss_fn, outputs, targets, reference, hints)
            if kind is not None:
                return kind
    return unknown


def takes_alone(loss_fn: Callable[..., Any], whole: Any, outputs: Tensor, targets: Any) -> bool:
    """Whether the loss is the same of this tensor alone as of all that the model returns."""
    with torch.no_grad():
        alone, of_all = _value(loss_fn, outputs, targets), _value(loss_fn, whole, targets)
    return alone is not None and alone == of_all


def _hints(loss_fn: Any) -> dict[str, Any]:
    """Weights, the ignored label and other settings, where the loss says them."""
    keywords = loss_fn.keywords if isinstance(loss_fn, functools.partial) else {}
    names = ("weight", "ignore_index", "pos_weight", "gamma", "alpha", "delta", "beta")
    found = {name: keywords.get(name, getattr(loss_fn, name, None)) for name in names}
    return {
        name: value for name, value in found.items() if isinstance(value, (int, float, Tensor)) and value is not True
    }


def _forms(outputs: Tensor, targets: Tensor, hints: Hints) -> Iterator[tuple[LossKind, int]]:
    """Axes of the classes, shifts and ignored labels under which a loss may be a cross entropy."""
    axes, said = (1, -1) if outputs.dim() > 2 else (-1,), hints.get("ignore_index", -100)
    labels: list[int] = [] if targets.is_floating_point() else targets.unique().tolist()
    candidates = [label for label in labels if label < 0] + [said]
    if labels:
        candidates += [int(targets.flatten().mode().values), 0, labels[-1]]
    for ignored in dict.fromkeys(candidates):
        for axis in axes:
            yield LossKind("cross_entropy", class_axis=axis), ignored
    if labels and outputs.dim() == 3 and outputs.shape[:2] == targets.shape and targets.shape[1] > 1:
        for ignored in dict.fromkeys(candidates):
            yield LossKind("cross_entropy", class_axis=-1, shift=1), ignored


def _made_up_targets(
    outputs: Tensor, targets: Tensor, axis: int, generator: torch.Generator, ignored: int | None = None
) -> Tensor:
    """Random targets of the shape and type of the given ones; where these have the ignored label, it stays."""
    classes = outputs.shape[axis] if outputs.dim() > 1 else 1
    if not targets.is_floating_point():
        labels = torch.randint(max(classes, 2), targets.shape, generator=generator)
        labels = labels.to(device=targets.device, dtype=targets.dtype)
        return labels if ignored is None else torch.where(targets == ignored, targets, labels)
    if targets.shape == outputs.shape and classes > 1:
        return torch.randn(targets.shape, generator=generator).softmax(axis).to(targets)
    return torch.rand(targets.shape, generator=generator).to(targets)


def _are_hard(targets: Tensor) -> bool:
    return targets.is_floating_point() and bool(((targets == 0) | (targets == 1)).all())


def _value(loss_fn: Callable[..., Any], outputs: Any, targets: Any) -> float | None:
    try:
        return float(loss_fn(outputs, targets))
    except Exception:  # whatever a stranger's loss raises means that it is not this kind
        return None


def _cross_entropy_probe(
    loss_fn: Callable[..., Any], outputs: Tensor, targets: Tensor, form: LossKind, hints: dict[str, Any], seed: int
) -> tuple[float, tuple[float | None, float | None]] | None:
    """The loss of made-up outputs and targets, and their cross entropy without smoothing and with nothing else."""
    generator = torch.Generator().manual_seed(seed)
    made_up = laid_out_like(outputs, torch.randn(outputs.shape, generator=generator).mul_(2))
    labels = _made_up_targets(outputs, targets, form.class_axis, generator, hints["ignore_index"])
    value = _value(loss_fn, made_up, labels)
    rows, wanted = form.class_rows(made_up), form.label_rows(labels)
    if value is None or wanted.shape[0] != rows.shape[0]:
        return None
    settings = {name: hints[name] for name in ("weight", "ignore_index") if name in hints}
    hard, smooth = (
        _value(functools.partial(F.cross_entropy, label_smoothing=smoothing, **settings), rows, wanted)
        for smoothing in (0.0, 1.0)
    )
    return value, (hard, smooth)


def _as_cross_entropy(
    loss_fn: Callable[..., Any], outputs: Tensor, targets: Tensor, form: LossKind, hints: dict[str, Any]
) -> LossKind | None:
    axis, ignored = form.class_axis, hints["ignore_index"]
    if outputs.dim() < 2 or outputs.shape[axis] < 2 or (targets.is_floating_point() and targets.shape != outputs.shape):
        return None
    values, rows = [], []
    for seed in range(3):
        probed = _cross_entropy_probe(loss_fn, outputs, targets, form, hints, seed)
        if probed is None:
            return None
        values.append(probed[0])
        rows.append(probed[1])
    # A constant may fit by chance, but no cross entropy is the same of three random outputs.
    solved = _solve_smoothing(values, rows) if len(set(values)) > 1 else None
    if solved is None:
        return None
    scale, smoothing = solved
    weights = hints.get("weight")
    return replace(
        form, num_classes=outputs.shape[axis], smoothing=smoothing, scale=scale, ignored_label=ignored, weights=weights
    )


def _solve_smoothing(values: list[float], rows: list[Any]) -> tuple[float, float] | None:
    """The factor and the smoothing that explain three probes, or None."""
    if any(part is None or not math.isfinite(part) for row in (*rows, values) for part in row):
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
    return scale, 0.0 if smoothing < 1e-3 else round(smoothing, 4)


def _as_reference(
    loss_fn: Callable[..., Any], outputs: Tensor, targets: Tensor, reference: Reference, hints: Hints
) -> LossKind | None:
    """The kind with loss = scale * reference on every probe, or None."""
    settings: Hints = {**hints, **dict(reference.settings)}

    def compared(outputs: Tensor, targets: Tensor) -> Tensor:
        return reference.value(outputs, targets, settings)

    factors: list[float] = []
    for probe in range(3):
        generator = torch.Generator().manual_seed(probe)
        made_up = laid_out_like(outputs, reference.draw(torch.randn(outputs.shape, generator=generator)))
        labels = _made_up_targets(outputs, targets, 1 if outputs.dim() > 1 else 0, generator)
        if reference.name in ("binary_logits", "binary", "binary_focal") and _are_hard(targets):
            labels = labels.round()
        value, expected = _value(loss_fn, made_up, labels), _value(compared, made_up, labels)
        if value is None or expected is None or expected == 0.0 or not math.isfinite(value / expected):
            return None
        factors.append(value / expected)
    spread = max(factors) - min(factors)
    if factors[0] <= 0 or spread > 1e-3 * factors[0]:
        return None
    kept = {name: settings[name] for name in ("gamma", "alpha", "delta", "beta", "pos_weight") if name in settings}
    return LossKind(
        reference.name,
        num_classes=outputs.shape[1] if outputs.dim() > 1 else 1,
        scale=factors[0],
        ignored_label=hints.get("ignore_index", -100),
        weights=hints.get("weight"),
        broadcasts=reference.stretched and outputs.shape != targets.shape,
        settings=tuple(kept.items()),
    )
