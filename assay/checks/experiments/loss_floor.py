"""How low can this loss go on this batch: with perfect outputs, and with one output for all examples?

Both are known by formula for squared errors and for cross entropy, and measured otherwise by fitting free outputs.
"""

from __future__ import annotations

import math
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from assay.checks.given.batches import count_examples, split_batch, tensors_in
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.model_call import output_tensor
from assay.checks.given.pipeline import Pipeline
from assay.checks.losses.expected_loss import entropy
from assay.checks.losses.loss_kind import LossKind
from assay.checks.losses.loss_recognition import takes_alone
from assay.checks.losses.memory_layout import laid_out_like

FITTING_STEPS, FITTING_RATE = 150, 0.2


def floor_of(pipeline: Pipeline, batch: Any) -> float:
    """Lowest loss that outputs can reach which are equal where inputs are equal."""
    kind, targets, groups = pipeline.loss_kind, pipeline.targets(batch), equal_inputs(batch)
    distinct = int(groups.max()) + 1 == len(groups)
    if distinct and kind.is_regression:
        return 0.0
    outputs = _example_outputs(pipeline, batch)
    if distinct and kind.name == "cross_entropy" and kind.weights is None:
        rows = kind.label_rows(targets)
        if rows.dim() == 1:
            rows = F.one_hot(rows[rows != kind.ignored_label], kind.num_classes)
        smoothed = (1 - kind.smoothing) * rows.double() + kind.smoothing / kind.num_classes
        return float(entropy(smoothed).mean()) * scale_of(pipeline, outputs, targets)
    return lowest_loss(pipeline, outputs, targets, groups)


def blind_floor_of(pipeline: Pipeline, batch: Any) -> float:
    """Lowest loss of outputs that are the same for every example and, for labels along a sequence, every place."""
    groups, outputs = torch.zeros(count_examples(batch), dtype=torch.long), _example_outputs(pipeline, batch)
    return lowest_loss(pipeline, outputs, pipeline.targets(batch), groups, everywhere=True)


def lowest_loss(
    pipeline: Pipeline, outputs: Tensor, targets: Any, groups: Tensor, *, everywhere: bool = False
) -> float:
    """Fit free outputs, one for each group of examples, to the user's loss.

    Args:
        everywhere: class scores are the same at each place of a sequence or picture too.
    """
    kind, groups = pipeline.loss_kind, groups.to(outputs.device)
    shape = (int(groups.max()) + 1, *outputs.shape[1:])
    if kind.name == "squared":
        sums = outputs.new_zeros(shape).index_add_(0, groups, targets.to(outputs.dtype).reshape(outputs.shape))
        counts = torch.bincount(groups).to(outputs).reshape(-1, *[1] * (outputs.dim() - 1))
        with torch.no_grad():
            return float(pipeline.loss_fn(laid_out_like(outputs, (sums / counts)[groups]), targets))
    if everywhere and kind.is_classification:
        shape = tuple(size if axis in (0, kind.class_axis % len(shape)) else 1 for axis, size in enumerate(shape))
    start = _mean_target(kind, targets)
    free = outputs.new_full(shape, start).requires_grad_()
    optimizer = torch.optim.Adam([free], lr=FITTING_RATE)
    lowest = math.inf
    for _ in range(FITTING_STEPS):
        optimizer.zero_grad()
        spread = _in_domain(kind, free)[groups].expand(outputs.shape)
        loss = pipeline.loss_fn(laid_out_like(outputs, spread), targets)
        value = float(loss.detach())
        if not math.isfinite(value):
            break
        lowest = min(lowest, value)
        loss.backward()
        optimizer.step()
    return lowest


def equal_inputs(batch: Any) -> Tensor:
    """A group number for each example; equal inputs share one."""
    size = count_examples(batch)
    parts = [t.reshape(size, -1).double() for t in tensors_in(split_batch(batch)[0]) if t.dim() and len(t) == size]
    return torch.unique(torch.cat([part.cpu() for part in parts], 1), dim=0, return_inverse=True)[1]


def scale_of(pipeline: Pipeline, outputs: Tensor, targets: Tensor) -> float:
    """What the loss multiplies its mean by on a batch of this size: 1, or the number of terms for a sum."""
    kind = pipeline.loss_kind
    if abs(kind.scale - 1.0) < 1e-3 or kind.name not in ("cross_entropy", "binary_logits"):
        return kind.scale
    with torch.no_grad():
        flat = float(pipeline.loss_fn(torch.zeros_like(outputs), targets))
    return flat / (math.log(kind.num_classes) if kind.is_classification else math.log(2.0))


def _mean_target(kind: LossKind, targets: Any) -> float:
    """Where outputs of a regression start to look for their best; 0 for scores of classes."""
    is_regression = (kind.is_regression or kind.name == "unknown") and isinstance(targets, Tensor)
    return float(targets.mean()) if is_regression and targets.is_floating_point() else 0.0


def _in_domain(kind: LossKind, free: Tensor) -> Tensor:
    if kind.name in ("nll", "kl"):
        return free.log_softmax(kind.class_axis)
    return free.sigmoid() if kind.name == "binary" else free


def _example_outputs(pipeline: Pipeline, batch: Any) -> Tensor:
    """The outputs, when they are one tensor with examples first, as the loss takes them."""
    with torch.no_grad():
        whole = pipeline.forward(pipeline.evaluation_copy(), batch)
        outputs = output_tensor(whole)
        alone = outputs is whole or takes_alone(pipeline.loss_fn, whole, outputs, pipeline.targets(batch))
        if len(outputs) == count_examples(batch) and alone:
            return outputs
    raise CannotCheckError("the floor of the loss is known only for outputs that are one tensor, examples first")
