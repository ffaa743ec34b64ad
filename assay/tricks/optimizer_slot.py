"""How a trick becomes the optimiser of a recipe, in whatever order the stack was written."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from assay.recipe import Recipe, RecipeError


def use_optimizer(recipe: Recipe, trick: Any) -> Recipe:
    """Fill the slot `optimizer` with `trick`, under the tricks that are there already: they are applied anew on it.

    So `RisingMomentum() | WeightDecay(0.1) | Lion()` and `Lion() | RisingMomentum() | WeightDecay(0.1)` are the same
    training: what a trick sets on the optimiser, computes from it or asks of it is this one's.

    Raises:
        RecipeError: another trick is the optimiser, or an earlier trick needs what this one lacks.
    """
    claims = recipe.fill(trick, optimizer=trick).filled_by
    own = tuple((claim, holder) for claim, holder in claims if holder == type(trick).__name__)
    changed = replace(recipe.baseline, optimizer=trick, filled_by=own, baseline_=recipe.baseline)
    try:
        for earlier in recipe.tricks:
            changed = changed | earlier
    except RecipeError as error:
        raise RecipeError(f"{type(trick).__name__} cannot be the optimizer of this recipe: {error}") from error
    return changed
