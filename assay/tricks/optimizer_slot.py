"""How a trick becomes the optimiser of a recipe, in whatever order the stack was written."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from assay.recipe import Recipe, RecipeError


def use_optimizer(recipe: Recipe, trick: Any) -> Recipe:
    """Fill the slot `optimizer` with `trick`; options that earlier tricks set on the last one are set again on it.

    So `WeightDecay(0.1) | Lion()` and `Lion() | WeightDecay(0.1)` are the same training.

    Raises:
        RecipeError: another trick is the optimiser, or an earlier trick needs an option that this one lacks.
    """
    filled = recipe.fill(trick, optimizer=trick)
    holders = {name for slot, name in recipe.filled_by if slot.startswith("optimizer.")}
    for earlier in recipe.tricks:
        if type(earlier).__name__ in holders:
            try:
                changed = earlier(replace(filled, filled_by=()))
            except RecipeError as error:
                raise RecipeError(f"{type(trick).__name__} cannot be the optimizer of this recipe: {error}") from error
            filled = replace(filled, optimizer=changed.optimizer)
    return filled
