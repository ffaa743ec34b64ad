"""Triangular2: triangular cycles whose height halves after each one.

    factor = low_factor + (peak_factor - low_factor) * max(0, 1 - x) / 2 ^ (cycle - 1)

with cycle and x as in `Triangular`.

Also: cyclical learning rate of halving height.
Ends: first low_factor, peak_factor at step step_size, half that height in the next cycle; end at a cycle's end:
last wherever the training ends in its cycle.
Source: Smith 2015, section 3.1 (arXiv:1506.01186).
Measured: no figure checked by us; ImageNet comparisons with fixed rates are in Smith 2015.
Hurts: long trainings, which spend all but a few cycles near the low rate.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from assay.recipe import Recipe
from assay.schedule import Clock
from assay.tricks.quantity import require_quantity, schedule_quantity
from assay.tricks.schedule.triangular import require_triangle, triangle


def triangular2(clock: Clock, *, low: float, peak: float, step_epochs: float) -> float:
    """Triangles over `low`, each half as high as the one before."""
    cycle, height = triangle(clock, step_epochs=step_epochs)
    return low + (peak - low) * height * 0.5 ** (cycle - 1)


@dataclass(frozen=True)
class Triangular2:
    """Cycle `of` below a peak that halves its height each time.

    low_factor, peak_factor: of the base value, the peak's of the first cycle; step_epochs: half a cycle.
    """

    low_factor: float = 1 / 6
    peak_factor: float = 1.0
    step_epochs: float = 4.0
    of: str = "learning_rate"

    def __post_init__(self) -> None:
        require_triangle(self.low_factor, self.peak_factor, self.step_epochs)
        require_quantity(self.of)

    def __call__(self, recipe: Recipe) -> Recipe:
        shape = partial(triangular2, low=self.low_factor, peak=self.peak_factor, step_epochs=self.step_epochs)
        return schedule_quantity(recipe, self, self.of, shape)
