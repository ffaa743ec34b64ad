"""The recipes of a design's arms, all made before anything is trained."""

from __future__ import annotations

from collections.abc import Sequence

from assay.ablation.designs.design import Arm, Design
from assay.errors import InputError
from assay.in_place import put_in_place
from assay.recipe import Recipe, RecipeError, Trick, describe_part, identity


def compose_arms(baseline: Recipe, tricks: Sequence[Trick], design: Design, seeds: Sequence[int]) -> dict[Arm, Recipe]:
    """The recipe of every arm of every seed; a trick takes the place of those of the baseline that set the same.

    Raises:
        InputError: tricks that cannot stand together in one arm, or not on this baseline; two that are one trick with
            other arguments, of which the later would take the place of the other; or one that the baseline has.
    """
    recipes = dict[Arm, Recipe]()
    for arm in {arm for seed in seeds for arm in design.arms(seed)}:
        recipe = baseline
        for number, j in enumerate(arm):
            try:
                _require_new(tricks[j], [tricks[i] for i in arm[:number]], baseline)
                recipe, _ = put_in_place(recipe, tricks[j], baseline.tricks)
            except RecipeError as error:
                if len(arm) == 1:
                    raise InputError(f"{describe_part(tricks[j])} on the baseline: {error}; leave it out") from error
                raise InputError(f"design {design.name} stacks {describe_part(tricks[j])} on "
                                 f"{' | '.join(describe_part(tricks[i]) for i in arm if i < j) or 'the baseline'}: "
                                 f"{error}; leave one out{_way_out(design)}") from error  # fmt: skip
        recipes[arm] = recipe
    return recipes


def _require_new(trick: Trick, members: Sequence[Trick], baseline: Recipe) -> None:
    if trick in baseline.tricks:
        raise RecipeError(f"{describe_part(trick)} is in the baseline already, so nothing would change")
    for member in members:
        if identity(trick) == identity(member):
            raise RecipeError(f"{describe_part(trick)} and {describe_part(member)} are one trick with other arguments, "
                              "which a stack holds once")  # fmt: skip


def _way_out(design: Design) -> str:
    return "" if design.name == "add-one" else ", or take --design add-one"
