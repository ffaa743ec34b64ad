"""Learning-rate range test: raise the rate exponentially and see where training takes hold and breaks.

    rate(step) = low * (high / low)^(step / (steps - 1))

The loss is smoothed; it `breaks` where it exceeds its best by half the way back to its start. The
bounds are read off the curve: `high` is the rate of the lowest loss, `low` a thirtieth of it.

Source: Smith 2015 (arXiv:1506.01186), section 3.3; Smith 2018 (arXiv:1803.09820): the upper bound
divided by 3 to 4 for cyclical rates, by 10 to 20 for one cycle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from assay.data.data import Data
from assay.figure import Lines, Series
from assay.loop import training_steps
from assay.recipe import Recipe
from assay.schedule import Clock
from assay.training import Training

SMOOTHING = 0.9


@dataclass(frozen=True)
class ExponentialRise:
    """A schedule from `low` to `high` (absolute rates, for a base rate of 1). Ends: low, high."""

    low: float
    high: float

    def __call__(self, clock: Clock) -> float:
        return self.low * (self.high / self.low) ** (clock.step / max(1, clock.total_steps - 1))


@dataclass(frozen=True)
class RangeTest:
    """The curve and the bounds a search should use."""

    rates: tuple[float, ...]
    losses: tuple[float, ...]
    low: float
    high: float

    def figure(self) -> Lines:
        series = Series("smoothed training loss", self.rates, self.losses)
        return Lines("Learning-rate range test", "learning rate", "training loss", (series,), log_x=True)


def find_range(
    recipe: Recipe, data: Data, *, steps: int = 100, low: float = 1e-5, high: float = 10.0, seed: int = 0
) -> RangeTest:
    """Run the test on a fresh network with the recipe's own tricks, but its schedules.

    Args:
        steps: optimiser updates; fewer than 50 make a ragged curve.
    """
    training = Training(recipe, data, seed=seed, evaluations=1)
    learner = replace(training.learner, learning_rate_schedule=ExponentialRise(low, high),
                      learning_rate_warmup=None, momentum_schedule=None, average=None)  # fmt: skip
    for group in learner.optimizer.param_groups:
        group["base_learning_rate"] = 1.0
    rates, losses = [], []
    batches = training.feed.batches(range(steps), steps)
    for step in training_steps(learner, batches, range(steps), total_steps=steps, steps_per_epoch=steps, seed=seed):
        losses.append(float(step.loss))
        rates.append(step.learning_rate)
        if not losses[-1] < 4 * max(losses[0], 1e-6):
            break
    return read_range(rates, smooth(losses))


def smooth(values: Sequence[float], factor: float = SMOOTHING) -> tuple[float, ...]:
    """Exponential moving average with bias correction."""
    average, smoothed = 0.0, []
    for number, value in enumerate(values, start=1):
        average = factor * average + (1 - factor) * value
        smoothed.append(average / (1 - factor**number))
    return tuple(smoothed)


def read_range(rates: Sequence[float], losses: Sequence[float]) -> RangeTest:
    """Bounds from a curve: the rate of the lowest smoothed loss, and a thirtieth of it."""
    best = min(range(len(losses)), key=lambda index: losses[index])
    return RangeTest(tuple(rates), tuple(losses), low=rates[best] / 30, high=rates[best])
