"""A preset: a named recipe with its provenance."""

from __future__ import annotations

from dataclasses import dataclass

from assay.data.specification import Task
from assay.losses import loss_for
from assay.recipe import Recipe

ANY = "any"
"""Data of whatever kind and task."""


@dataclass(frozen=True)
class Preset:
    """One named recipe.

    published: the result its source reports, or why there is none; deviations: where the recipe
    differs from its source, or fills in what the source leaves open; data: what its network is for;
    own_loop: what only a loop of the user's own can do, so that training the recipe alone is refused.
    """

    name: str
    recipe: Recipe
    published: str
    source: str
    deviations: tuple[str, ...] = ()
    data: str = ANY
    own_loop: str = ""

    def recipe_for(self, task: Task) -> tuple[Recipe, list[str]]:
        """The recipe for data of this task, and a line if that took another loss: a preset for any data has none."""
        if self.data != ANY or self.recipe.task == task:
            return self.recipe, []
        loss = loss_for(task)
        return self.recipe.change(loss=loss), [f"loss {type(loss).__name__}, as the data is for {task}"]


def stacked(recipe: Recipe, *tricks: object) -> Recipe:
    """The recipe with all tricks, in order."""
    for trick in tricks:
        recipe = recipe | trick  # pyright: ignore[reportOperatorIssue]
    return recipe
