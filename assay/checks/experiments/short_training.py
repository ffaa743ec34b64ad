"""Short trainings on copies: the experiments that ask whether a network can learn a few examples."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from assay.checks.given.batches import take_examples
from assay.checks.given.pipeline import Pipeline, Trial

LARGE_TARGET = 10.0


def rates_for(pipeline: Pipeline, batch: Any, rates: tuple[float, ...]) -> tuple[float, ...]:
    """The learning rates, and for large regression targets one that can reach them.

    Adam moves a weight by about its rate at each step, so a bias reaches a target of 200 in 50 steps of 4.
    """
    targets = pipeline.targets(batch)
    if pipeline.loss_kind.is_classification or not isinstance(targets, Tensor) or not targets.is_floating_point():
        return rates
    size = float(targets.abs().max())
    return (*rates, size / 50) if math.isfinite(size) and size > LARGE_TARGET else rates


@dataclass(frozen=True)
class Curve:
    """Loss after each measured step of one short training, and the copy that was trained."""

    learning_rate: float
    steps: tuple[int, ...]
    losses: tuple[float, ...]
    model: nn.Module

    @property
    def best(self) -> float:
        return min((loss for loss in self.losses if math.isfinite(loss)), default=math.inf)


def measure(pipeline: Pipeline, model: nn.Module, batch: Any) -> float:
    """The user's loss on the batch, the better of training and evaluation mode; leaves modes and buffers as they are.

    Running statistics lag behind in a short training, and noise that only training mode has is no
    failure to learn, so either mode may show that the examples are known.
    """
    modes = {module: module.training for module in model.modules()}
    buffers = [(buffer, buffer.clone()) for buffer in model.buffers()]
    values = []
    with torch.no_grad():
        for use in (model.train, model.eval):
            use()
            values.append(float(pipeline.loss(model, batch)))
    for module, training in modes.items():
        module.training = training
    for buffer, saved in buffers:
        buffer.data.copy_(saved)
    return min((value for value in values if math.isfinite(value)), default=math.inf)


def evaluated(pipeline: Pipeline, model: nn.Module, batch: Any) -> float:
    """The user's loss on the batch in evaluation mode, in which no norm of the batch hides its scale."""
    copied = copy.deepcopy(model).eval()
    with torch.no_grad():
        loss = float(pipeline.loss(copied, batch))
    return loss if math.isfinite(loss) else math.inf


def train_briefly(
    pipeline: Pipeline,
    trial: Trial,
    batch: Any,
    *,
    steps: int,
    learning_rate: float,
    rows: tuple[tuple[int, ...], ...] = (),
    measure_every: int = 10,
    enough: Callable[[float], bool] = lambda loss: False,
) -> Curve:
    """Train the copy on parts of one batch, in turn, and follow the loss on all of it.

    Args:
        rows: the examples of each step, in turn; empty for all of them at every step.
        enough: stops the training early once it holds for a measured loss.
    """
    parts = [take_examples(batch, part) for part in rows] or [batch]
    at, losses = [0], [measure(pipeline, trial.model, batch)]
    for step in range(1, steps + 1):
        trial.step(parts[step % len(parts)])
        if step % measure_every == 0 or step == steps:
            at.append(step)
            losses.append(measure(pipeline, trial.model, batch))
            if enough(losses[-1]) or not math.isfinite(losses[-1]):
                break
    return Curve(learning_rate, tuple(at), tuple(losses), trial.model)
