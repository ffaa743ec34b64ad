"""Exponential decay: the same share of the rate is lost in every epoch.

    factor = decay ^ (epoch / every_epochs),      with `staircase` the exponent is rounded down

Also: ExponentialLR.
Ends: first 1, last one step short of decay ^ (epochs / every_epochs).
Source: Szegedy et al. 2015, section 8 (arXiv:1512.00567): 0.94 every 2 epochs; He et al. 2018, section 5.1, names
it beside the steps that cosine replaces.
Measured: no figure read by us.
Hurts: short trainings, where 0.94 every 2 epochs is nearly constant: 10 epochs end at 0.73 of the rate.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial

from assay.recipe import Recipe
from assay.schedule import Clock
from assay.tricks.arguments import require_range
from assay.tricks.quantity import require_quantity, schedule_quantity


def exponential(clock: Clock, *, decay: float, every_epochs: float, staircase: bool = False) -> float:
    """`decay` to the number of periods that lie behind."""
    periods = clock.epoch / every_epochs
    return decay ** (math.floor(periods) if staircase else periods)


@dataclass(frozen=True)
class Exponential:
    """Decay `of` again and again. decay: factor of each, in (0, 1]; every_epochs: how often; staircase: all at once, at
    their end.
    """

    decay: float = 0.94
    every_epochs: float = 2.0
    staircase: bool = False
    of: str = "learning_rate"

    def __post_init__(self) -> None:
        require_range("decay", self.decay, 1e-12, 1.0, usual="0.94 is usual, and 1 keeps the rate constant")
        require_range("every_epochs", self.every_epochs, 1e-6, usual="2 is usual")
        require_quantity(self.of)

    def __call__(self, recipe: Recipe) -> Recipe:
        shape = partial(exponential, decay=self.decay, every_epochs=self.every_epochs, staircase=self.staircase)
        return schedule_quantity(recipe, self, self.of, shape)
