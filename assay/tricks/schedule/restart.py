"""Restart: one schedule again and again, each period longer than the last; `SGDR` is this of a cosine.

    factor = factor of schedule at step - start of length steps,    start <= step < start + length
    length = round(period_epochs * multiplier ^ number * steps_per_epoch),    number = periods behind

Each period is a whole training to the schedule, and lengths that it gives in epochs stay epochs:

    Restart(schedule=Cosine(warmup_epochs=1.0), period_epochs=10.0, multiplier=1.0)

Also: warm restarts of any schedule, cyclical schedule.
Ends: first that of the schedule, and again at each restart; the schedule's last value just before it; last wherever the
training ends in its period.
Source: Loshchilov & Hutter 2016, section 3 (arXiv:1608.03983), there of a cosine.
Measured: see `SGDR` for restarts of a cosine; no figure read by us is of another schedule.
Hurts: a training that ends within a period, at a high rate.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from assay.recipe import Recipe
from assay.schedule import restart
from assay.tricks.arguments import require_range
from assay.tricks.inner_schedule import ScheduleTrick, require_inner, shape_of
from assay.tricks.quantity import require_quantity, schedule_quantity
from assay.tricks.schedule.cosine import Cosine


@dataclass(frozen=True)
class Restart:
    """Schedule `of` by one schedule again and again.

    schedule: of each period; period_epochs: of the first one; multiplier: of each to the one before, at least 1.
    """

    schedule: ScheduleTrick = field(default_factory=Cosine)
    period_epochs: float = 10.0
    multiplier: float = 2.0
    of: str = "learning_rate"

    def __post_init__(self) -> None:
        require_inner("schedule", (self.schedule,))
        require_range("period_epochs", self.period_epochs, 1e-6, usual="10 is usual")
        require_range("multiplier", self.multiplier, 1.0, usual="2 is usual, and 1 keeps all periods alike")
        require_quantity(self.of)

    def __call__(self, recipe: Recipe) -> Recipe:
        # Periods never grow shorter, so what fits into the first fits into all.
        shape = shape_of(self.schedule, self, recipe, self.period_epochs)
        whole = restart(shape, period_epochs=self.period_epochs, multiplier=self.multiplier)
        return schedule_quantity(recipe, self, self.of, whole)
