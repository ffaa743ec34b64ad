"""What a schedule can schedule: one shape serves every quantity (`of`).

    used at a step = base * factor(clock)

learning_rate, momentum and weight_decay are the optimiser's; a batch size is read once an epoch, by a clock
whose steps are epochs; a resolution scales the sides of the images, to even numbers of pixels, before all batch
edits that are already in the stack, so that the shares in mixed targets stay exact.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor

from assay.optimizers import WithMomentum
from assay.recipe import Recipe, Trick
from assay.schedule import Clock, Schedule, clocks, product
from assay.tricks.arguments import require_choice, require_images
from assay.tricks.other_sizes import make_smaller

QUANTITIES = ("learning_rate", "momentum", "weight_decay", "batch_size", "resolution")
STEPS_TRIED = 10
"""Of an epoch whose length in steps only the data will tell."""
MOST_TRIED = 4000
"""Moments of a training at which a schedule is tried, however long the training is."""


def require_quantity(of: str) -> None:
    """Refuse what no schedule can change.

    Raises:
        ValueError: lists the quantities.
    """
    require_choice("of", of, QUANTITIES)


def schedule_quantity(
    recipe: Recipe, by: Trick, of: str, schedule: Schedule, *, rise: Schedule | None = None
) -> Recipe:
    """For schedule tricks: let `schedule` decide the quantity `of`.

    Args:
        rise: a warm-up that multiplies it; for the learning rate it takes the slot that `Warmup` would.
    Raises:
        RecipeError: another trick schedules this quantity, or the recipe has no such quantity.
    """
    if of == "learning_rate":
        slots = {"learning_rate_schedule": schedule} | ({"learning_rate_warmup": rise} if rise else {})
        return recipe.fill(by, **slots)
    whole = product(schedule, rise) if rise else schedule
    if of == "resolution":
        least = smallest_factor(whole, recipe.epochs)
        recipe = make_smaller(recipe, by, partial(even_side, factor=least), lever="keep images larger")
        edit = partial(resize_images, schedule=whole, trick=type(by).__name__)
        # Before all mixers, wherever it stands: a pasted box that is interpolated holds other shares than it says.
        return replace(recipe.claim(by, "resolution"), batch_edits=(edit, *recipe.batch_edits))
    if of == "momentum":
        recipe = recipe.require_always(has_momentum, by, "an optimizer with momentum")
    elif of == "weight_decay":
        recipe = recipe.require_always(decays_weights, by, "an optimizer with weight decay")
    return recipe.fill(by, **{f"{of}_schedule": whole})


def set_momentum_over_time(
    recipe: Recipe, by: Trick, values: tuple[float, ...], shape: Callable[[tuple[float, ...]], Schedule]
) -> Recipe:
    """For schedule tricks: let the momentum itself go through `values`, whatever the optimiser's own is.

    Args:
        shape: makes the schedule from the values as factors of the optimiser's own.
    Raises:
        RecipeError: another trick schedules or sets the momentum, or the optimiser has none.
    """
    recipe = recipe.require_always(has_momentum, by, "an optimizer with momentum")
    # A later optimiser goes under this trick, which is then applied anew; no other way changes the momentum.
    base = momentum_of(recipe)
    factors = tuple(value / base for value in values)
    return recipe.fill(by, momentum_schedule=shape(factors)).claim(by, "optimizer.momentum")


def momentum_of(recipe: Recipe) -> float:
    """The optimiser's; 0 where it has none."""
    return recipe.optimizer.momentum if isinstance(recipe.optimizer, WithMomentum) else 0.0


def has_momentum(recipe: Recipe) -> bool:
    """Whether the optimiser keeps a velocity."""
    return momentum_of(recipe) > 0.0


def decays_weights(recipe: Recipe) -> bool:
    """Whether the optimiser shrinks weights."""
    return recipe.optimizer.weight_decay > 0.0


def resize_images(
    inputs: Tensor, targets: Tensor, generator: torch.Generator, clock: Clock, *, schedule: Schedule, trick: str
) -> tuple[Tensor, Tensor]:
    """Images with both sides scaled by the factor, bilinearly; at factor 1 they are returned as they are."""
    require_images(inputs, trick)
    factor = schedule(clock)
    size = tuple(even_side(side, factor) for side in inputs.shape[-2:])
    if size == tuple(inputs.shape[-2:]):
        return inputs, targets
    return F.interpolate(inputs, size=size, mode="bilinear", align_corners=False), targets


def smallest_factor(schedule: Schedule, epochs: float) -> float:
    """The least that a schedule comes to in so many epochs of `STEPS_TRIED` steps, or of fewer where they are many."""
    total = min(max(1, round(epochs * STEPS_TRIED)), MOST_TRIED)
    steps_per_epoch = max(1, round(total / epochs))
    return min(map(schedule, clocks(range(total), total_steps=total, steps_per_epoch=steps_per_epoch)))


def even_side(side: int, factor: float) -> int:
    """The scaled side to the nearest even number of pixels, at least 2; one pixel does not grow by being small."""
    return side if factor == 1.0 else max(min(side, 2), 2 * round(side * factor / 2))
