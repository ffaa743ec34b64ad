"""Does the loss fall without end as one of several outputs grows, whatever the targets are?

    fall(s) = L(outputs) - L(outputs with s * direction added to one of them),    s = 1e2, 1e3, 1e4

A term that reads no targets and falls faster than in proportion to an output (a squared penalty subtracted, where it
is to be added) has no minimum, so nothing keeps training from following it for ever. Counted only where each of several
directions and their opposites falls so, by equal amounts under permuted targets, and where the output grows with the
weights: one that is normalised or squashed has an end.

Source: Boyd and Vandenberghe 2004, section 4.1.1 (problems that are unbounded below).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

from assay.checks.experiments.own_step import judged_by_loss
from assay.checks.given.batches import map_tensors, tensors_in
from assay.checks.given.double_precision import in_double, loss_in_double
from assay.checks.given.pipeline import Pipeline

SIZES = (1e2, 1e3, 1e4)
FASTER = 50.0  # tenfold size: 100 for a square, 10 for what is linear
SAME = 1e-6
DIRECTIONS, LARGE, LARGER, GROWS = 2, 10.0, 100.0, 5.0


@dataclass(frozen=True)
class Endless:
    """Which output it is, of how many, and the loss with the output at each size."""

    output: int
    outputs: int
    before: float
    losses: tuple[float, ...]


def endless_loss(pipeline: Pipeline, batch: Any) -> Endless | None:
    """The first output that the loss asks to grow without end; None where there is none, or only one output."""
    if not pipeline.once(judged_by_loss):
        return None
    model = pipeline.evaluation_copy()
    with torch.no_grad():
        whole = in_double(pipeline.forward(model, batch))
        count = len(list(tensors_in(whole)))
        if isinstance(whole, Tensor) or count < 2:
            return None
        loss_fn, targets = loss_in_double(pipeline.loss_fn), in_double(pipeline.targets(batch))
        for number in range(count):
            losses = _losses(loss_fn, whole, targets, number)
            if losses is not None and _grows(pipeline, model, batch, number):
                return Endless(number, count, losses[0], losses[1:])
    return None


def _losses(loss_fn: Callable[..., Any], whole: Any, targets: Any, number: int) -> tuple[float, ...] | None:
    """The loss as it is and at each size in one direction, where it falls faster than linearly in all."""
    permuted = map_tensors(lambda tensor: tensor.roll(1, 0) if tensor.dim() else tensor, targets)
    found: tuple[float, ...] | None = None
    for probe in range(DIRECTIONS):
        for sign in (1.0, -1.0):
            series = []
            for given in (targets, permuted):
                series.append([float(loss_fn(_moved(whole, number, sign * s, probe), given)) for s in (0.0, *SIZES)])
            falls, others = ([values[0] - value for value in values[1:]] for values in series)
            if not all(map(math.isfinite, falls)) or falls[0] <= 0:
                return None
            if any(later < FASTER * former for former, later in pairwise(falls)):
                return None
            if any(abs(a - b) > SAME * a for a, b in zip(falls, others, strict=True)):
                return None
            found = tuple(series[0])
    return found


def _moved(whole: Any, number: int, size: float, probe: int) -> Any:
    places, generator = iter(range(len(list(tensors_in(whole))))), torch.Generator().manual_seed(probe)

    def move(tensor: Tensor) -> Tensor:
        if next(places) != number or not tensor.is_floating_point():
            return tensor
        return tensor + size * torch.randn(tensor.shape, generator=generator, dtype=torch.float64).to(tensor)

    return map_tensors(move, whole)


def _grows(pipeline: Pipeline, model: nn.Module, batch: Any, number: int) -> bool:
    """Whether larger weights still make this output larger, where one that is squashed has reached its end."""
    sizes, start = [], [parameter.clone() for parameter in model.parameters()]
    for factor in (LARGE, LARGER):
        for parameter, before in zip(model.parameters(), start, strict=True):
            parameter.copy_(factor * before)
        sizes.append(float(list(tensors_in(pipeline.forward(model, batch)))[number].abs().max()))
    return all(map(math.isfinite, sizes)) and sizes[1] > GROWS * sizes[0] > 0
