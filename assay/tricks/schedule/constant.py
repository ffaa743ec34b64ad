"""Constant rate: the baseline that every schedule must beat.

    factor = 1

Ends: first 1, last 1.
Source: Karpathy 2019, "A Recipe for Training Neural Networks" (Adam 3e-4, no decay at first).
Measured: nothing to measure: it is what the others are measured against.
Hurts: the last stretch of a training, where noise at the full rate keeps the loss up.
"""

from __future__ import annotations

from dataclasses import dataclass

from assay.recipe import Recipe
from assay.schedule import Clock
from assay.tricks.quantity import require_quantity, schedule_quantity


def constant(clock: Clock) -> float:
    """1 at every step."""
    return 1.0


@dataclass(frozen=True)
class ConstantLR:
    """Keep the base value of `of` throughout, as a choice that no other schedule may override."""

    of: str = "learning_rate"

    def __post_init__(self) -> None:
        require_quantity(self.of)

    def __call__(self, recipe: Recipe) -> Recipe:
        return schedule_quantity(recipe, self, self.of, constant)
