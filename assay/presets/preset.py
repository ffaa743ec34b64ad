"""A preset: a named recipe with its provenance."""

from __future__ import annotations

from dataclasses import dataclass

from assay.recipe import Recipe


@dataclass(frozen=True)
class Preset:
    """One named recipe.

    published: the result its source reports, or why there is none; deviations: where the recipe
    differs from its source, or fills in what the source leaves open; data: what its network is for.
    """

    name: str
    recipe: Recipe
    published: str
    source: str
    deviations: tuple[str, ...] = ()
    data: str = "any"


def stacked(recipe: Recipe, *tricks: object) -> Recipe:
    """The recipe with all tricks, in order."""
    for trick in tricks:
        recipe = recipe | trick  # pyright: ignore[reportOperatorIssue]
    return recipe
