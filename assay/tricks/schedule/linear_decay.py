"""Linear decay: a straight line down to a small share of the base rate.

    factor = 1 - (1 - end_factor) * progress

Ends: first 1, last one step short of end_factor.
Source: Goodfellow et al. 2016, section 8.3.1, equation 8.14: to about 1 % of the first rate.
Measured: no figure read by us.
Hurts: a training stopped early, which never sees the small rates.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from assay.recipe import Recipe
from assay.schedule import Clock
from assay.tricks.arguments import require_range
from assay.tricks.quantity import require_quantity, schedule_quantity


def linear_decay(clock: Clock, *, end_factor: float) -> float:
    """A straight line from 1 to `end_factor` at the end of training."""
    return 1.0 - (1.0 - end_factor) * clock.progress


@dataclass(frozen=True)
class LinearDecay:
    """Decay `of` along a straight line. end_factor: factor at the end of training, in [0, 1]."""

    end_factor: float = 0.01
    of: str = "learning_rate"

    def __post_init__(self) -> None:
        require_range("end_factor", self.end_factor, 0.0, 1.0, usual="0.01 is usual, and 1 keeps the rate constant")
        require_quantity(self.of)

    def __call__(self, recipe: Recipe) -> Recipe:
        return schedule_quantity(recipe, self, self.of, partial(linear_decay, end_factor=self.end_factor))
