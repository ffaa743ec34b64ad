"""What a study hands on: the recipe with what helps, and its rows."""

from __future__ import annotations

import math

from assay.ablation.sequential import Looks
from assay.ablation.study import StudiedEffect, Study
from assay.models.mlp import MLP
from assay.recipe import Recipe
from assay.study_stage import rows_for_summary, stack_helping
from assay.tricks.average.ema import EMA
from assay.tricks.schedule.cosine import Cosine
from assay.tricks.schedule.linear_decay import LinearDecay
from assay.tricks.target.label_smoothing import LabelSmoothing

TRICKS = (Cosine(), LinearDecay(), LabelSmoothing(0.2), EMA())


def effect(place: int, estimate: float, verdict: str) -> StudiedEffect:
    name = type(TRICKS[place]).__name__
    return StudiedEffect(
        name,
        (place,),
        estimate,
        estimate,
        estimate,
        3,
        0.001,
        verdict,
        0.9,
        0.01,
        1.2,  # type: ignore[arg-type]
    )


def study(*effects: StudiedEffect) -> Study:
    return Study("add-one", "", effects, Looks((3,)), 9, 9)


def test_what_helps_is_stacked_the_largest_first_and_what_clashes_is_told() -> None:
    made = study(effect(0, 0.01, "helps"), effect(1, 0.03, "helps"), effect(2, 0.02, "helps"), effect(3, -0.1, "hurts"))
    recipe, left_out = stack_helping(Recipe(model=MLP()), TRICKS, made)
    assert recipe.tricks == (LinearDecay(), LabelSmoothing(0.2))
    (skip,) = left_out
    assert skip.id == "Cosine in the recipe"
    assert "LinearDecay" in skip.reason
    kept = {row["trick"]: row["kept"] for row in rows_for_summary(made, TRICKS, recipe)}
    assert kept == {"Cosine": False, "LinearDecay": True, "LabelSmoothing": True, "EMA": False}


def test_what_helps_takes_the_place_of_the_baselines_own() -> None:
    recipe, left_out = stack_helping(Recipe(model=MLP()) | Cosine(), TRICKS, study(effect(1, 0.03, "helps")))
    assert (recipe.tricks, left_out) == ((LinearDecay(),), ())


def test_effects_without_an_estimate_have_no_row_and_a_pairs_ratio_is_none() -> None:
    nan = math.nan
    broken = StudiedEffect("EMA", (3,), nan, nan, nan, 0, nan, "no measurable effect", nan, nan, nan, "diverged")
    pair = StudiedEffect("both", (0, 3), 0.1, 0.0, 0.2, 3, 0.1, "no measurable effect", 0.9, 0.1, nan)
    (row,) = rows_for_summary(study(broken, pair), TRICKS, Recipe(model=MLP()))
    assert (row["trick"], row["seconds_per_step_ratio"], row["kept"]) == ("both", None, False)
