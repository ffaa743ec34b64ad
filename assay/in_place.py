"""A trick in a recipe that already sets what it sets: it takes the place of what was given before."""

from __future__ import annotations

from collections.abc import Sequence

from assay.errors import ClashError
from assay.recipe import Recipe, Trick, stack


def put_in_place(recipe: Recipe, made: Trick, given: Sequence[Trick]) -> tuple[Recipe, list[Trick]]:
    """The recipe with this trick, in place of its like and of those of `given` that set the same; and the latter.

    Raises:
        RecipeError: it cannot stand beside a trick that is not among `given`, or lacks what it needs.
    """
    try:
        return recipe.put(made), []
    except ClashError as clash:
        held = [trick for trick in recipe.tricks if type(trick).__name__ == clash.holder and trick in given]
        if not held or clash.holder == type(made).__name__:
            raise
        kept = [trick for trick in recipe.tricks if trick not in held]
        changed, gone = put_in_place(stack(recipe.baseline, kept), made, given)
        return changed, [*held, *gone]
