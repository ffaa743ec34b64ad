"""Learning-rate range test: raise the rate exponentially and see where training takes hold and breaks.

    rate(step) = low * (high / low)^(step / (steps - 1))

The loss is smoothed, and the test ends where it exceeds `BROKEN` times that of the first steps or is
no number. `high` is the smallest rate that brought all but `NEAR` of the fall from the first loss to
the lowest, since smoothing lags behind and beyond that rate nothing is gained; `low` is a thirtieth.

Source: Smith 2015 (arXiv:1506.01186), section 3.3; Smith 2018 (arXiv:1803.09820): the upper bound
divided by 3 to 4 for cyclical rates, by 10 to 20 for one cycle.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch

from assay.data.data import Data
from assay.evaluation import evaluate
from assay.figure import Lines, Series
from assay.loop import Schedules, training_steps
from assay.recipe import Recipe
from assay.schedule import Clock
from assay.training.train import Training

RISEN = 1.05
"""A validation loss above its lowest by this factor has risen."""

MUCH_HIGHER = 20.0
"""Where the loss ends above its lowest by this factor, a linear axis would show its last leap and nothing else."""

WINDOW, BROKEN, NEAR = 0.1, 4.0, 0.05
"""Share of the steps that smoothing spans; see above for the others."""


@dataclass(frozen=True)
class ExponentialRise:
    """A schedule from `low` to `high` (absolute rates, for a base rate of 1). Ends: low, high."""

    low: float
    high: float

    def __call__(self, clock: Clock) -> float:
        return self.low * (self.high / self.low) ** (clock.step / max(1, clock.total_steps - 1))


@dataclass(frozen=True)
class RangeTest:
    """The curve and the bounds a search should use.

    looks: (rate, validation loss), where it was asked for.
    """

    rates: tuple[float, ...]
    losses: tuple[float, ...]
    low: float
    high: float
    looks: tuple[tuple[float, float], ...] = ()

    def figure(self) -> Lines:
        series = [Series("smoothed training loss", self.rates, self.losses)]
        seen = [(rate, loss) for rate, loss in self.looks if math.isfinite(loss)]
        if seen:
            series.append(Series("validation loss", tuple(rate for rate, _ in seen), tuple(loss for _, loss in seen)))
        drawn = [loss for line in series for loss in line.y]
        return Lines("Learning-rate range test", "learning rate", "loss" if seen else "training loss", tuple(series),
                     log_x=True, log_y=0 < MUCH_HIGHER * min(drawn) < max(drawn))  # fmt: skip

    @property
    def overfits_from(self) -> float | None:
        """The first rate at which the validation loss has risen while the training loss has not; None if there is none.

        Source: Smith 2018, section 3: signs of overfitting are visible early, in the test loss.
        """
        finite = [(rate, loss) for rate, loss in self.looks if math.isfinite(loss)]
        if not finite:
            return None
        turn, lowest = min(finite, key=lambda look: look[1])
        trained = self._loss_at(turn)
        return next((rate for rate, loss in finite
                     if rate > turn and loss > RISEN * lowest and self._loss_at(rate) <= trained), None)  # fmt: skip

    def _loss_at(self, rate: float) -> float:
        return min(zip(self.rates, self.losses, strict=True), key=lambda seen: abs(math.log(seen[0] / rate)))[1]


def find_range(
    recipe: Recipe, data: Data, *, steps: int = 100, low: float = 1e-5, high: float = 10.0, seed: int = 0,
    device: str | torch.device | None = None, looks: int = 0,
) -> RangeTest:  # fmt: skip
    """Run the test on a fresh network with the recipe's own tricks, but its schedules.

    Args:
        steps: optimiser updates; fewer than 50 make a ragged curve.
        looks: at most so often the validation split is looked at on the way, evenly spread.
    """
    training = Training(recipe, data, seed=seed, device=device, evaluations=1)
    rise = Schedules(ExponentialRise(low, high), weight_decay=training.learner.schedules.weight_decay)
    learner = replace(training.learner, schedules=rise, average=None)
    for group in learner.optimizer.param_groups:
        group["base_learning_rate"] = 1.0
    rates, losses, seen = [], [], list[tuple[float, float]]()
    batches, moments = training.feed.batches(range(steps), steps), training.feed.timetable.clocks(range(steps), steps)
    for step in training_steps(learner, batches, moments, seed=seed):
        losses.append(float(step.loss))
        rates.append(step.learning_rate)
        if has_broken(losses, steps):
            break
        if looks and len(losses) % math.ceil(steps / looks) == 0:
            seen.append((rates[-1], evaluate(learner.model, data.validation, data.specification).loss))
    return replace(read_range(rates, smooth(losses, WINDOW * steps)), looks=tuple(seen))


def has_broken(losses: Sequence[float], steps: int) -> bool:
    """Whether training has blown up: not for one hard batch, but on average over the last steps."""
    if not math.isfinite(losses[-1]):
        return True
    smoothed = smooth(losses, WINDOW * steps)
    return smoothed[-1] > BROKEN * max(smoothed[: math.ceil(WINDOW * steps)])


def smooth(values: Sequence[float], window: float) -> tuple[float, ...]:
    """Exponential moving average over about `window` values, with bias correction; at most 1 changes nothing."""
    factor, average, smoothed = max(0.0, 1.0 - 1.0 / window), 0.0, []
    for number, value in enumerate(values, start=1):
        average = factor * average + (1 - factor) * value
        smoothed.append(average / (1 - factor**number))
    return tuple(smoothed)


def read_range(rates: Sequence[float], losses: Sequence[float]) -> RangeTest:
    """Bounds from a curve of smoothed losses; values that are not finite are left out."""
    seen = [(rate, loss) for rate, loss in zip(rates, losses, strict=True) if math.isfinite(loss)] or [(rates[0], 0.0)]
    lowest = min(loss for _, loss in seen)
    enough = lowest + NEAR * max(0.0, seen[0][1] - lowest)
    high = next(rate for rate, loss in seen if loss <= enough)
    return RangeTest(tuple(rate for rate, _ in seen), tuple(loss for _, loss in seen), low=high / 30, high=high)
