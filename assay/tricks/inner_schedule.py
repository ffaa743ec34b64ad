"""Schedules inside a schedule: what `Chain`, `Product` and `Restart` are made of.

Each is a trick that could stand in a recipe by itself. Inside another it says a shape alone: what is scheduled (`of`)
is for the outer one to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol, runtime_checkable

from assay.errors import RecipeError
from assay.parts import describe_part
from assay.recipe import Recipe, Trick
from assay.schedule import Schedule, product
from assay.tricks.quantity import QUANTITIES

RATE_SLOTS = ("learning_rate_schedule", "learning_rate_warmup")


@runtime_checkable
class ScheduleTrick(Protocol):
    """A trick that schedules whichever quantity it is told to: `Cosine`, `Warmup`, `Chain`, ..."""

    @property
    def of(self) -> str: ...
    def __call__(self, recipe: Recipe) -> Recipe: ...


def require_inner(name: str, schedules: Sequence[ScheduleTrick]) -> None:
    """Refuse none at all, what is no schedule, and schedules that say themselves what they schedule.

    Raises:
        ValueError: names the argument and the schedule.
    """
    if not schedules:
        raise ValueError(f"{name} must hold at least one schedule, got {schedules}; write (Cosine(),) for one")
    for schedule in schedules:
        if schedule.of not in QUANTITIES:
            raise ValueError(f"{name} must hold schedules, such as Cosine(), got {describe_part(schedule)}")
        if schedule.of != "learning_rate":
            raise ValueError(
                f"{name} must leave `of` to what they stand in, got {describe_part(schedule)}; give it there"
            )


def shape_of(inner: ScheduleTrick, by: Trick, recipe: Recipe, epochs: float) -> Schedule:
    """The factor that `inner` alone gives the learning rate in a training of so many epochs, its warm-up included.

    Args:
        by: the trick that `inner` is in; recipe: what that one joins.
    Raises:
        RecipeError: `inner` does not fit such a training, or sets more than one quantity.
    """
    name, outer = type(inner).__name__, type(by).__name__
    try:
        alone = inner(replace(recipe.baseline, epochs=epochs))
    except RecipeError as error:
        raise RecipeError(f"{outer} leaves {name} {epochs:g} epochs: {error}") from error
    more = [claimed.replace("_", " ") for claimed, _ in alone.filled_by if claimed not in RATE_SLOTS]
    if more:
        raise RecipeError(f"{name} in {outer} must set one quantity, it also sets {more[0]}; leave that out")
    return product(*(getattr(alone, slot) for slot in RATE_SLOTS if getattr(alone, slot)))
