"""Short trainings on one small batch, with several learning rates: how much of it can a network learn by heart?

    left = (lowest loss - floor) / (loss of the best constant output - floor),  0 knows all, 1 knows nothing

Source: Karpathy 2019, A Recipe for Training Neural Networks ("overfit one batch").
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import nn

from assay.checks.experiments.loss_floor import blind_floor_of, floor_of
from assay.checks.experiments.short_training import Curve, rates_for, train_briefly
from assay.checks.given.pipeline import Pipeline, Trial

STEPS = 150
REACHED = 0.1  # of what the best constant output leaves


@dataclass(frozen=True)
class Attempt:
    """The best of several short trainings on one batch."""

    curves: tuple[Curve, ...]
    floor: float
    blind: float
    batch: Any

    @property
    def best(self) -> Curve:
        return min(self.curves, key=lambda curve: curve.best)

    @property
    def left(self) -> float:
        """Excess over the floor, as a share of what the best constant output leaves: 0 knows all, 1 knows nothing."""
        constant = max(self.blind, self.floor)
        excess = constant - self.floor if constant - self.floor > 1e-3 else self.curves[0].losses[0] - self.floor
        return max(self.best.best - self.floor, 0.0) / excess if excess > 1e-6 else 0.0

    @property
    def fell(self) -> bool:
        """The loss went down at all; that is all that can be asked of a loss that is not known."""
        start = self.curves[0].losses[0]
        return self.best.best < start - 0.01 * abs(start)


def attempt_overfit(
    pipeline: Pipeline,
    batch: Any,
    rates: tuple[float, ...],
    *,
    own_step: bool = True,
    edit: Callable[[nn.Module], None] = lambda model: None,
) -> Attempt:
    """Train copies, edited first, with a few learning rates until one has learned the batch."""
    floor, blind = floor_of(pipeline, batch), blind_floor_of(pipeline, batch)
    target = floor + REACHED / 4 * max(blind - floor, 0.0)
    curves: list[Curve] = []
    for rate in rates_for(pipeline, batch, rates):
        pipeline.seed_for(f"overfit {rate}")
        trial = pipeline.trial(adam_learning_rate=rate, dropout=False, own_step=own_step)
        edit(trial.model)
        curves.append(_follow(pipeline, trial, batch, rate, target))
        if Attempt(tuple(curves), floor, blind, batch).left <= REACHED:
            break
    return Attempt(tuple(curves), floor, blind, batch)


def _follow(pipeline: Pipeline, trial: Trial, batch: Any, rate: float, target: float) -> Curve:
    def enough(loss: float) -> bool:
        return loss <= target

    return train_briefly(pipeline, trial, batch, steps=STEPS, learning_rate=rate, measure_every=5, enough=enough)
