"""Do targets say more than the inputs, and does the loss read them?

    copied: targets = inputs, or targets[t] = inputs[t + 1]
    read: L(outputs, targets) differs from L(outputs, permuted targets), or between the lowest and the highest label

Permuted targets give the same loss where all outputs are alike, as those of pairs that hold one input twice; two
labels for all tell these from a loss that reads none.

Source: Zhang et al. 2017, section 2 (arXiv:1611.03530).
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from assay.checks.given.batches import split_batch, take_examples, tensors_in
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.pipeline import Pipeline

SHOWN = 32


def copied_targets(batch: Any) -> str | None:
    """Whether targets are the inputs themselves, or the same sequence one place on."""
    inputs, targets = split_batch(batch)
    if not isinstance(targets, Tensor):
        return None
    for tensor in [tensor for tensor in tensors_in(inputs) if tensor.shape == targets.shape]:
        if torch.equal(tensor.to(targets), targets):
            return "they are equal"
        is_sequence = tensor.dim() == 2 and tensor.shape[1] > 2
        if is_sequence and torch.equal(tensor[:, 1:].to(targets), targets[:, :-1]):
            return "the same sequence, one place on"
    return None


def need_use_of_targets(pipeline: Pipeline, batch: Any) -> None:
    """A loss that ignores targets leaves nothing to test.

    Raises:
        CannotCheckError: the loss is the same for permuted targets, and for two labels that all examples bear.
    """
    model, few = pipeline.evaluation_copy(), take_examples(batch, range(min(SHOWN, len(split_batch(batch)[1]))))
    with torch.no_grad():
        outputs = pipeline.forward(model, few)
        targets = pipeline.targets(few)
        if not isinstance(targets, Tensor) or targets.dim() == 0:
            raise CannotCheckError("targets are not one tensor with examples first")
        losses = [float(pipeline.loss_fn(outputs, t)) for t in (targets, targets.roll(1, 0), targets.flip(0))]
    is_same = losses[0] == losses[1] == losses[2] and bool((targets != targets[:1]).any())
    if is_same and not loss_reads_labels(pipeline, batch):
        raise CannotCheckError("the loss does not depend on the targets")


def loss_reads_labels(pipeline: Pipeline, batch: Any) -> bool:
    """Whether the loss changes when all examples bear the highest label instead of the lowest."""
    few = take_examples(batch, range(SHOWN))
    targets = pipeline.targets(few)
    with torch.no_grad():
        outputs = pipeline.forward(pipeline.evaluation_copy(), few)
        alike = [torch.full_like(targets, value.item()) for value in (targets.min(), targets.max())]
        losses = [float(pipeline.loss_fn(outputs, labels)) for labels in alike]
    return losses[0] != losses[1]
