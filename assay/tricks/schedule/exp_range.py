"""Exp range: triangular cycles whose height decays exponentially with the steps.

    factor = low_factor + (peak_factor - low_factor) * max(0, 1 - x) * gamma ^ step

with x as in `Triangular`. gamma is per step: .99994 halves the height every 11,552 steps.

Also: cyclical learning rate of decaying height.
Ends: first low_factor, low_factor + (peak_factor - low_factor) * gamma ^ step_size at step step_size; end at a
cycle's end: last wherever the training ends in its cycle.
Source: Smith 2015, section 3.1 (arXiv:1506.01186), gamma .99994.
Measured: no figure checked by us; Smith 2015 compares it with fixed rates on CIFAR-10.
Hurts: a gamma copied from a training of another length.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from assay.recipe import Recipe
from assay.schedule import Clock
from assay.tricks.arguments import require_range
from assay.tricks.quantity import require_quantity, schedule_quantity
from assay.tricks.schedule.triangular import require_triangle, triangle


def exp_range(clock: Clock, *, low: float, peak: float, step_epochs: float, gamma: float) -> float:
    """Triangles over `low`, whose height is multiplied by `gamma` in every step."""
    _, height = triangle(clock, step_epochs=step_epochs)
    return low + (peak - low) * height * gamma**clock.step


@dataclass(frozen=True)
class ExpRange:
    """Cycle `of` below a falling peak.

    low_factor, peak_factor: of the base value, the peak's at first; step_epochs: half a cycle; gamma: by which the
    height falls with each step, in (0, 1].
    """

    low_factor: float = 1 / 6
    peak_factor: float = 1.0
    step_epochs: float = 4.0
    gamma: float = 0.99994
    of: str = "learning_rate"

    def __post_init__(self) -> None:
        require_triangle(self.low_factor, self.peak_factor, self.step_epochs)
        require_range("gamma", self.gamma, 1e-12, 1.0, usual="0.99994 is usual, and 1 is Triangular")
        require_quantity(self.of)

    def __call__(self, recipe: Recipe) -> Recipe:
        bounds = {"low": self.low_factor, "peak": self.peak_factor}
        shape = partial(exp_range, step_epochs=self.step_epochs, gamma=self.gamma, **bounds)
        return schedule_quantity(recipe, self, self.of, shape)
