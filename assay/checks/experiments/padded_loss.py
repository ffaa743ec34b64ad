"""Does the loss count the places that only fill up rows, and how much of its gradient comes from them?

    share = sum over padded places of |dL/doutputs| / sum over all places

Padding is one word at the ends of rows, in runs of several lengths, with one target; a loss that leaves it out gives it
a gradient of exactly 0.

Source: PyTorch documentation of CrossEntropyLoss (ignore_index).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from assay.checks.given.batches import tensors_in
from assay.checks.given.padding import padding_at_the_end
from assay.checks.given.pipeline import Pipeline
from assay.checks.losses.loss_kind import LossKind

EXAMPLES = 64
LENGTHS, PADDED = 3, 0.05  # different lengths of padding, and its share of all places


@dataclass(frozen=True)
class Padding:
    """Places that only fill up rows, and the share of the loss's gradient that comes from them."""

    token: int
    target: int
    share: float
    gradient: float
    rows: int


def padded_loss(pipeline: Pipeline) -> Padding | None:
    """Padding that the loss counts; None where there is none, or none that is certain."""
    batch, kind = pipeline.examples(EXAMPLES), pipeline.loss_kind
    targets = pipeline.targets(batch)
    words = next((t for t in tensors_in(pipeline.inputs(batch)) if t.dim() == 2 and not t.is_floating_point()), None)
    if words is None or not kind.is_classification or kind.shift:
        return None
    if not isinstance(targets, Tensor) or targets.shape != words.shape or targets.is_floating_point():
        return None
    padded = padding_of(words)
    if padded is None or len(targets[padded].unique()) > 1:
        return None
    weights = _gradient_by_place(pipeline, kind, batch, targets)
    carried = float(weights[padded].sum() / weights.sum().clamp(min=1e-30))
    if carried == 0.0:
        return None
    token, target = int(words[padded][0]), int(targets[padded][0])
    return Padding(token, target, float(padded.double().mean()), carried, len(words))


def padding_of(words: Tensor) -> Tensor | None:
    """True where the one word stands that ends rows, in runs of several lengths, and stands nowhere else."""
    ends = padding_at_the_end(words)
    if ends is None:
        return None
    lengths = ends.sum(1)
    is_padding = len(lengths.unique()) >= LENGTHS and float(ends.double().mean()) >= PADDED
    return ends if is_padding and int(lengths.max()) > 1 else None


def _gradient_by_place(pipeline: Pipeline, kind: LossKind, batch: Any, targets: Tensor) -> Tensor:
    with torch.no_grad():
        outputs = pipeline.outputs(pipeline.evaluation_copy(), batch)
    leaf = outputs.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(pipeline.loss_fn(leaf, targets), leaf)
    return gradient.movedim(kind.class_axis, -1).abs().sum(-1).reshape(targets.shape)
