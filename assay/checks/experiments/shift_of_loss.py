"""How many places later the target lies that a loss compares an output with.

    driven[t] = |d loss / d outputs[t] - d loss' / d outputs[t]|,    ' with the target at place p exchanged

The one place that is driven holds the output that answers to this target, and p - t is the loss's own shift.

Source: Goodfellow et al. 2016, section 6.2 (a term of the loss drives the outputs that it reads).
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from assay.checks.experiments.sequences import Sequences, counted, placed
from assay.checks.given.pipeline import Pipeline


def shift_of_loss(pipeline: Pipeline, batch: Any, found: Sequences) -> int | None:
    """How many places later the target lies that the loss compares an output with: 0, unless the loss shifts itself.

    None where no single output answers to a target. Targets that the loss ignores stay, as their number divides a mean.
    """
    model, targets = pipeline.evaluation_copy(), pipeline.targets(batch)
    with torch.no_grad():
        outputs = pipeline.outputs(model, batch)

    def gradient(given: Tensor) -> Tensor:
        leaf = outputs.clone().requires_grad_()
        (grad,) = torch.autograd.grad(pipeline.loss_fn(leaf, given), leaf)
        return placed(pipeline, grad, len(targets), found)

    place, edited = _with_another_target(targets, pipeline.loss_kind.ignored_label, found)
    driven = (gradient(edited) - gradient(targets)).abs().amax((0, 2)).nonzero().flatten().tolist()
    return place - driven[0] if len(driven) == 1 else None


def _with_another_target(targets: Tensor, ignored: int, found: Sequences) -> tuple[int, Tensor]:
    """Targets with those of a neighbour at one place, near the middle of what counts."""
    neighbours, counts = targets.roll(1, 0).roll(1, found.axis), counted(targets, ignored)
    other = counts & counts.roll(1, 0).roll(1, found.axis) & (neighbours != targets)
    inner = range(1, found.length - 1)
    place = max(inner, key=lambda t: (int(other.select(found.axis, t).sum()), -abs(t - found.length // 2)))
    edited = targets.clone()
    part, chosen = edited.select(found.axis, place), other.select(found.axis, place)
    part.copy_(torch.where(chosen, neighbours.select(found.axis, place), part))
    return place, edited
