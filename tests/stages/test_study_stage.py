"""What a study hands on: the recipe with what helps, and its rows."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from assay.ablation.judge import Judge
from assay.ablation.metrics.catalog import METRICS
from assay.ablation.sequential import Looks
from assay.ablation.studied import StudiedEffect, Study
from assay.ablation.summary_rows import rows_for_summary
from assay.models.mlp import MLP
from assay.recipe import Recipe
from assay.report.story import LOWER_IS_BETTER
from assay.stages.study import stack_helping
from assay.stages.study_length import round_down
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


def test_rows_name_a_metric_that_was_chosen_and_reports_know_which_way_is_better() -> None:
    other = replace(study(effect(3, -0.02, "helps"), effect(1, 0.01, "hurts")), judge=Judge(METRICS["loss"]))
    rows = rows_for_summary(other, TRICKS, Recipe(model=MLP()))
    assert {row["metric"] for row in rows} == {"loss"}
    assert "metric" not in rows_for_summary(study(effect(3, 0.1, "helps")), TRICKS, Recipe(model=MLP()))[0]
    assert {name for name, metric in METRICS.items() if not metric.higher_is_better} == set(LOWER_IS_BETTER)
    recipe, _ = stack_helping(Recipe(model=MLP()), TRICKS, other)
    assert recipe.tricks == (EMA(),)


@pytest.mark.parametrize(
    ("epochs", "rounded"),
    [(1.0, 1.0), (1.49, 1.0), (1.5, 1.5), (2.9, 2.0), (11.4, 8.0), (12.0, 12.0), (0.05, 0.046875)],
)
def test_lengths_are_round_so_that_a_slower_day_finds_the_same_trainings(epochs: float, rounded: float) -> None:
    assert round_down(epochs) == rounded
    assert rounded <= epochs < 1.5 * rounded
