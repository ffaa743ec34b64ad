"""Polynomial decay: a power of what is left of the training, after a burn-in of the same power.

    burn-in   factor = (step / burn_in_steps) ^ power           step < burn_in_steps
    after it  factor = (1 - progress) ^ power                   progress = step / total_steps

with burn_in_steps = round(burn_in_epochs * steps_per_epoch). The decay counts from step 0, so after the burn-in
the rate begins a little below 1.

Also: poly learning rate.
Ends: first 0 (1 without burn-in), (1 - burn_in_steps / total_steps) ^ power at step burn_in_steps, last one step
short of 0.
Source: Darknet's `poly` policy and its CSPDarknet-53 configuration: power 4, 1,000 of 1.2 million steps of burn-in
at batch 128, a tenth of an ImageNet epoch.
Measured: part of CSPDarknet-53's ImageNet recipe, 77.2 top-1; no figure isolates it.
Hurts: trainings that need their middle: with power 4 a sixteenth of the rate is left half-way.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from assay.recipe import Recipe
from assay.schedule import Clock
from assay.tricks.arguments import require_range
from assay.tricks.quantity import require_quantity, schedule_quantity


def polynomial(clock: Clock, *, power: float, burn_in_epochs: float = 0.0) -> float:
    """A power of the share of the training that is left; 1 during the burn-in.

    The burn-in is a factor of its own: in a loop of yours, times `burn_in(clock, ...)`.
    """
    burning = clock.step < round(burn_in_epochs * clock.steps_per_epoch)
    return 1.0 if burning else (1.0 - clock.progress) ** power


def burn_in(clock: Clock, *, power: float, epochs: float) -> float:
    """A power of the share of the burn-in that is done, then 1."""
    length = round(epochs * clock.steps_per_epoch)
    return 1.0 if clock.step >= length else (clock.step / length) ** power


@dataclass(frozen=True)
class Polynomial:
    """Decay `of` as a power of what is left. power: 0 is constant, 1 a line; burn_in_epochs: rise before it."""

    power: float = 4.0
    burn_in_epochs: float = 0.1
    of: str = "learning_rate"

    def __post_init__(self) -> None:
        require_range("power", self.power, 0.0, usual="4 is usual, 1 is a straight line, and 0 is off")
        require_range("burn_in_epochs", self.burn_in_epochs, 0.0, usual="0.1 is usual for ImageNet, and 0 is none")
        require_quantity(self.of)

    def __call__(self, recipe: Recipe) -> Recipe:
        length = self.burn_in_epochs
        recipe.require(length < recipe.epochs, self, f"a training longer than its burn-in of {length:g} epochs")
        shape = partial(polynomial, power=self.power, burn_in_epochs=length)
        rise = partial(burn_in, power=self.power, epochs=length) if length else None
        return schedule_quantity(recipe, self, self.of, shape, rise=rise)
