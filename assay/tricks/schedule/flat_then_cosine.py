"""Flat, then cosine: the full rate for most of the training, half a cosine at its end.

    factor = 1                                                     progress < start_progress
    factor = floor + (1 - floor) * (1 + cos(pi * part)) / 2        part = share done of the rest

Ends: first 1, 1 at step round(start_progress * total_steps), last one step short of the floor.
Source: fastai's `fit_flat_cos`, which starts the fall at 0.75.
Measured: no figure read by us.
Hurts: a training stopped early, which never sees the small rates.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from assay.recipe import Recipe
from assay.schedule import Schedule, chain
from assay.tricks.arguments import require_range
from assay.tricks.quantity import require_quantity, schedule_quantity
from assay.tricks.schedule.constant import constant
from assay.tricks.schedule.cosine import cosine


def flat_then_cosine(start_progress: float, *, floor: float = 0.0) -> Schedule:
    """1 until `start_progress` of the training, then half a cosine to `floor`."""
    fall = partial(cosine, floor=floor)
    if start_progress == 0.0:
        return fall
    return constant if start_progress == 1.0 else chain(constant, fall, at=(start_progress,))


@dataclass(frozen=True)
class FlatThenCosine:
    """Keep `of`, then decay it. start_progress: when, in [0, 1]; 1 is constant; floor: last factor, in [0, 1]."""

    start_progress: float = 0.75
    floor: float = 0.0
    of: str = "learning_rate"

    def __post_init__(self) -> None:
        require_range("start_progress", self.start_progress, 0.0, 1.0, usual="0.75 is usual, and 1 is constant")
        require_range("floor", self.floor, 0.0, 1.0, usual="0 is usual, and 1 keeps the rate constant")
        require_quantity(self.of)

    def __call__(self, recipe: Recipe) -> Recipe:
        return schedule_quantity(recipe, self, self.of, flat_then_cosine(self.start_progress, floor=self.floor))
