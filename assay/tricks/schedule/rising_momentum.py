"""Rising momentum: little memory while gradients still turn, much when they agree.

    momentum = straight lines through `values`, spread evenly over the training
    factor   = momentum / the optimiser's own momentum

Ends: first values[0], values[1] half-way, last one step short of values[2] (with three of them), in momentum.
Source: Goodfellow et al. 2016, section 8.3.2: .5, .9 and .99 are common, beginning small and raised later.
Measured: no figure read by us isolates it; the opposite, momentum falling while the rate rises, gives a network of
three layers on CIFAR-10 81.3 % against 81.2 at constant .95 (Smith 2018, table 1).
Hurts: with a rate tuned for the first value: the step grows as 1 / (1 - momentum), 50-fold from .5 to .99.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from assay.recipe import Recipe
from assay.schedule import Clock
from assay.tricks.arguments import require_range
from assay.tricks.quantity import set_momentum_over_time


def through(clock: Clock, *, values: tuple[float, ...]) -> float:
    """Straight lines from the first value at progress 0 to the last at progress 1."""
    position = clock.progress * (len(values) - 1)
    number = min(int(position), len(values) - 2)
    part = position - number
    return (1.0 - part) * values[number] + part * values[number + 1]


@dataclass(frozen=True)
class RisingMomentum:
    """Raise the optimiser's momentum over training. values: at least two, in [0, 1), not falling."""

    values: tuple[float, ...] = (0.5, 0.9, 0.99)

    def __post_init__(self) -> None:
        for value in self.values:
            require_range("values", value, 0.0, 0.9999, usual="(0.5, 0.9, 0.99) is usual")
        if len(self.values) < 2 or list(self.values) != sorted(self.values):
            raise ValueError(f"values must be two or more and must not fall, got {self.values}; sort them")

    def __call__(self, recipe: Recipe) -> Recipe:
        return set_momentum_over_time(recipe, self, self.values, lambda factors: partial(through, values=factors))
