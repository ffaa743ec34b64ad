"""Triangular: up and down a straight line between two rates, again and again, so that neither must be tuned.

    cycle  = floor(1 + step / (2 * step_size))
    x      = |step / step_size - 2 * cycle + 1|
    factor = low_factor + (peak_factor - low_factor) * max(0, 1 - x)
    step_size = round(step_epochs * steps_per_epoch), half a cycle

Factors are of the optimiser's own rate, so with peak_factor 1 that rate is the peak. The range test finds both.

Also: CLR, cyclical learning rate.
Ends: first low_factor, peak_factor at step step_size, low_factor again at 2 * step_size; end there: last
wherever the training ends in its cycle.
Source: Smith 2015, section 3.1 (arXiv:1506.01186): rates .001 to .006, step sizes of 2 to 8 epochs.
Measured: CIFAR-10 81.4 % after 25,000 steps, which fixed rates reach after 70,000 (Smith 2015).
Hurts: a training that ends within a cycle, at a high rate.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial

from assay.recipe import Recipe
from assay.schedule import Clock
from assay.tricks.arguments import require_range
from assay.tricks.quantity import require_quantity, schedule_quantity


def triangular(clock: Clock, *, low: float, peak: float, step_epochs: float) -> float:
    """A straight line from `low` to `peak` and back, twice `step_epochs` long, repeated."""
    _, height = triangle(clock, step_epochs=step_epochs)
    return low + (peak - low) * height


def triangle(clock: Clock, *, step_epochs: float) -> tuple[int, float]:
    """The cycle's number, from 1, and the height in it, in [0, 1]."""
    step_size = max(1, round(step_epochs * clock.steps_per_epoch))
    cycle = math.floor(1 + clock.step / (2 * step_size))
    x = abs(clock.step / step_size - 2 * cycle + 1)
    return cycle, max(0.0, 1.0 - x)


def require_triangle(low_factor: float, peak_factor: float, step_epochs: float) -> None:
    """Refuse bounds or a length that make no triangle.

    Raises:
        ValueError: names the argument.
    """
    require_range("low_factor", low_factor, 0.0, usual="1/6 of the peak is usual")
    require_range("peak_factor", peak_factor, low_factor, usual="1 makes the optimiser's rate the peak")
    require_range("step_epochs", step_epochs, 1e-6, usual="it is half a cycle; 2 to 8 are usual")


@dataclass(frozen=True)
class Triangular:
    """Cycle `of`. low_factor, peak_factor: of the base value; step_epochs: half a cycle."""

    low_factor: float = 1 / 6
    peak_factor: float = 1.0
    step_epochs: float = 4.0
    of: str = "learning_rate"

    def __post_init__(self) -> None:
        require_triangle(self.low_factor, self.peak_factor, self.step_epochs)
        require_quantity(self.of)

    def __call__(self, recipe: Recipe) -> Recipe:
        shape = partial(triangular, low=self.low_factor, peak=self.peak_factor, step_epochs=self.step_epochs)
        return schedule_quantity(recipe, self, self.of, shape)
