"""The recipes of a design's arms, all made before anything is trained."""

from __future__ import annotations

from collections.abc import Sequence

from assay.ablation.designs.design import Arm, Design
from assay.errors import InputError
from assay.in_place import put_in_place
from assay.recipe import Recipe, RecipeError, Trick, describe_part


def compose_arms(baseline: Recipe, tricks: Sequence[Trick], design: Design, seeds: Sequence[int]) -> dict[Arm, Recipe]:
    """The recipe of every arm of every seed; a trick takes the place of those of the baseline that set the same.

    Raises:
        InputError: tricks that cannot stand together in one arm, or not on this baseline.
    """
    recipes = dict[Arm, Recipe]()
    for arm in {arm for seed in seeds for arm in design.arms(seed)}:
        recipe = baseline
        for j in arm:
            try:
                recipe, _ = put_in_place(recipe, tricks[j], baseline.tricks)
            except RecipeError as error:
                raise InputError(f"design {design.name} stacks {describe_part(tricks[j])} on "
                                 f"{' | '.join(describe_part(tricks[i]) for i in arm if i < j) or 'the baseline'}: "
                                 f"{error}; leave one out, or take --design add-one") from error  # fmt: skip
        recipes[arm] = recipe
    return recipes
