"""Two settings of one trick: two arms where tricks stand alone, and a conflict where they would share a stack."""

from __future__ import annotations

import numpy as np
import pytest

from assay.ablation.designs.catalog import DESIGNS
from assay.ablation.sequential import Looks
from assay.ablation.stepwise import run_stepwise
from assay.ablation.studied import StudiedEffect, Study
from assay.ablation.study import run_study
from assay.ablation.summary_rows import rows_for_summary
from assay.errors import InputError
from assay.models.mlp import MLP
from assay.recipe import Recipe
from assay.stages.study import stack_helping
from assay.trial import Trial, in_turn
from assay.tricks.average.ema import EMA
from assay.tricks.batch.mixup import Mixup

BASELINE = Recipe(model=MLP(), epochs=3)
TRICKS = (Mixup(), EMA(), Mixup(alpha=0.4))


class Laboratory:
    """Mixup is worth ten times its alpha; a little noise."""

    def __init__(self) -> None:
        self.random, self.trained = np.random.default_rng(470), list[Recipe]()

    def __call__(self, recipe: Recipe, seed: int) -> Trial:
        self.trained.append(recipe)
        value = sum(10 * trick.alpha for trick in recipe.tricks if isinstance(trick, Mixup))
        value += 0.01 * float(self.random.normal())
        return Trial(recipe, seed, value, 0.0, 1, 60, 1.0, np.array([value]))


def test_add_one_measures_both() -> None:
    made = run_study(BASELINE, TRICKS, in_turn(Laboratory()), design=DESIGNS["add-one"], looks=Looks((3,)))
    assert [effect.name for effect in made.effects] == ["Mixup()", "EMA()", "Mixup(alpha=0.4)"]
    assert [round(effect.estimate) for effect in made.effects] == [2, 0, 4]


def test_a_trick_that_cannot_stand_alone_is_not_told_to_leave_others_out() -> None:
    baseline = Recipe() | EMA()
    with pytest.raises(InputError, match=r"^EMA\(\) on the baseline: EMA\(\) is in the baseline already") as refused:
        run_study(baseline, [EMA()], in_turn(Laboratory()), design=DESIGNS["add-one"], looks=Looks((3,)))
    assert "leave one out" not in str(refused.value)


@pytest.mark.parametrize("design", [name for name in DESIGNS if name != "add-one"])
def test_designs_that_stack_name_both_before_any_training(design: str) -> None:
    laboratory = Laboratory()
    with pytest.raises(InputError, match=r"Mixup\(alpha=0.4\) and Mixup\(\) are one trick with other arguments.*"
                       "leave one out, or take --design add-one"):  # fmt: skip
        run_study(BASELINE, TRICKS, in_turn(laboratory), design=DESIGNS[design])
    assert not laboratory.trained


def test_stepwise_takes_the_better_and_measures_the_other_no_further() -> None:
    steps = run_stepwise(BASELINE, TRICKS, in_turn(Laboratory()), looks=Looks((3, 5)))
    assert steps.stack[0] == 2
    assert steps.recipe.tricks[0] == Mixup(alpha=0.4)
    assert 0 not in steps.rounds[1].places


def test_the_better_setting_goes_on_and_the_other_is_told() -> None:
    """The worse took the place of the better, since it came later."""
    effects = tuple(
        StudiedEffect(name, (place,), worth, worth, worth, 3, 1e-3, "helps", 0.99, 0.01, 1.0)
        for place, name, worth in ((0, "Mixup()", 0.02), (2, "Mixup(alpha=0.4)", 0.04))
    )
    study = Study("add-one", "", effects, Looks((3,)), 9, 9)
    recipe, (skip,) = stack_helping(BASELINE, TRICKS, study)
    assert recipe.tricks == (Mixup(alpha=0.4),)
    assert (skip.id, skip.reason) == ("Mixup() in the recipe", "Mixup is already in the recipe; use it once")
    assert [row["kept"] for row in rows_for_summary(study, TRICKS, recipe)] == [False, True]
