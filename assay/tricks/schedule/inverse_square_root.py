"""Inverse square root: a linear rise, then a decay that slows for ever and needs no end of training.

    factor = min(t / w, sqrt(w / t))      t = step + 1,  w = round(warmup_epochs * steps_per_epoch), at least 1

The published rate has a factor model_width ^ -0.5 * w ^ -0.5 in front; here that is the optimiser's own rate.

Also: Noam schedule.
Ends: first 1 / w, 1 at step w - 1, last sqrt(w / total_steps).
Source: Vaswani et al. 2017, section 5.3 (arXiv:1706.03762).
Measured: no figure read by us.
Hurts: trainings of known length, which end well above 0: after 100 warm-ups a tenth of the rate is left.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial

from assay.recipe import Recipe
from assay.schedule import Clock
from assay.tricks.arguments import require_range
from assay.tricks.quantity import require_quantity, schedule_quantity
from assay.tricks.schedule.warmup import warmup, warmup_steps


def inverse_square_root(clock: Clock, *, warmup_epochs: float) -> float:
    """1 until the warm-up is over, then the root of its share of the steps so far.

    The rise is a factor of its own: in a loop of yours, times `warmup(clock, epochs=warmup_epochs, first="one_step")`.
    """
    length = max(1, warmup_steps(clock, warmup_epochs))
    return math.sqrt(length / max(length, clock.step + 1))


@dataclass(frozen=True)
class InverseSquareRoot:
    """Raise `of` in a line, then let it fall as 1 / sqrt(step). warmup_epochs: length of the rise."""

    warmup_epochs: float = 1.0
    of: str = "learning_rate"

    def __post_init__(self) -> None:
        require_range("warmup_epochs", self.warmup_epochs, 0.0, usual="1 is usual, and 0 begins with the decay")
        require_quantity(self.of)

    def __call__(self, recipe: Recipe) -> Recipe:
        length = self.warmup_epochs
        recipe.require(length < recipe.epochs, self, f"a training longer than its warm-up of {length:g} epochs")
        shape = partial(inverse_square_root, warmup_epochs=length)
        rise = partial(warmup, epochs=length, first="one_step") if length else None
        return schedule_quantity(recipe, self, self.of, shape, rise=rise)
