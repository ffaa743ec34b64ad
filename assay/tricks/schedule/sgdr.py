"""SGDR: half a cosine again and again, each period longer than the last; a restart leaves the valley it is in.

    factor = floor + (1 - floor) * (1 + cos(pi * t / T)) / 2
    t = epochs since the last restart;  T = period_epochs, then period_epochs * multiplier, ...

Lengths are rounded to whole steps. Good places to stop, and to take snapshots, are just before the restarts.

Also: warm restarts, CosineAnnealingWarmRestarts.
Ends: first 1, 1 at each restart, one step short of the floor just before it; last where the training ends in its
period.
Source: Loshchilov & Hutter 2016, equation 5 (arXiv:1608.03983).
Measured: WRN-28-10, 200 epochs, CIFAR-10 / CIFAR-100 error: steps 4.13 / 20.21, periods of 10 doubled 4.03 / 19.58,
periods of 50 4.17 / 19.99, one period of 200 (the plain cosine) 3.86 / 19.98 (Loshchilov & Hutter 2016).
Hurts: a training that ends within a period, at a high rate.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from assay.recipe import Recipe
from assay.schedule import restart
from assay.tricks.arguments import require_range
from assay.tricks.quantity import require_quantity, schedule_quantity
from assay.tricks.schedule.cosine import cosine


@dataclass(frozen=True)
class SGDR:
    """Cosine with warm restarts of `of`.

    period_epochs: of the first period; multiplier: of each to the one before; floor: last factor of each, in [0, 1].
    """

    period_epochs: float = 10.0
    multiplier: float = 2.0
    floor: float = 0.0
    of: str = "learning_rate"

    def __post_init__(self) -> None:
        require_range("period_epochs", self.period_epochs, 1e-6, usual="10 is usual")
        require_range("multiplier", self.multiplier, 1.0, usual="2 is usual, and 1 keeps all periods alike")
        require_range("floor", self.floor, 0.0, 1.0, usual="0 is usual, and 1 keeps the rate constant")
        require_quantity(self.of)

    def __call__(self, recipe: Recipe) -> Recipe:
        period = partial(cosine, floor=self.floor)
        shape = restart(period, period_epochs=self.period_epochs, multiplier=self.multiplier)
        return schedule_quantity(recipe, self, self.of, shape)
