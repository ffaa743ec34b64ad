"""Equal wall-clock: epochs by hand, and what is told where trainings were not as long as they were meant to be."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from assay.ablation.cost_findings import Costs
from assay.ablation.costs import Cost, InTurn
from assay.ablation.equal_seconds import at_equal_seconds, equally_long
from assay.ablation.sequential import Looks
from assay.ablation.studied import StudiedEffect, Study
from assay.ablation.study_findings import tell_study
from assay.models.mlp import MLP
from assay.recipe import Recipe
from assay.tricks.average.ema import EMA

BASELINE = Recipe(model=MLP(), epochs=6, batch_size=32)


def ratio(recipe: Recipe, other: Recipe) -> float:
    assert recipe.epochs == other.epochs
    return 1.5 if recipe.has(EMA) and not other.has(EMA) else 1.0


def test_a_slower_training_has_fewer_epochs() -> None:
    assert equally_long(BASELINE | EMA(), BASELINE, ratio).epochs == pytest.approx(4.0)
    assert equally_long(BASELINE, BASELINE, ratio) is BASELINE


def test_a_cheap_training_stays_cheap() -> None:
    """A study of a quarter of the epochs goes first where both --fidelity and --equal are given."""
    short = BASELINE.change(epochs=1.5)
    assert equally_long(short, BASELINE, ratio) == short
    assert equally_long(short | EMA(), BASELINE, ratio).epochs == pytest.approx(1.0)


def test_every_training_that_is_asked_for_is_changed() -> None:
    seen = []
    measure = at_equal_seconds(lambda pairs: seen.extend(pairs) or [], BASELINE, ratio)  # type: ignore[arg-type, return-value]
    measure([(BASELINE, 0), (BASELINE | EMA(), 1)])
    assert [(recipe.epochs, seed) for recipe, seed in seen] == [(6.0, 0), (pytest.approx(4.0), 1)]


EFFECTS = tuple(
    StudiedEffect(name, (place,), 0.2, 0.1, 0.3, 5, 1e-4, "helps", 0.99, 0.1, 1.3, epochs=(1.4, 1.0),
                  whole_seconds_ratio=seconds)
    for place, (name, seconds) in enumerate((("Mixup()", 1.9), ("EMA()", 1.1), ("Flip()", 0.7)))
)  # fmt: skip
STUDY = Study("add-one", "what it adds", EFFECTS, Looks((5,)), 20, 20, equal="seconds")


def test_seconds_that_came_out_unequal_are_told_with_a_remedy() -> None:
    (found,) = [finding for finding in tell_study(STUDY) if finding.id == "unequal_seconds"]
    assert found.level == "note", "the trainings' own seconds may be as wrong"
    assert "Mixup() 1.90, Flip() 0.70" in found.summary
    assert found.evidence["whole_seconds_ratio"] == {"Mixup()": 1.9, "Flip()": 0.7}
    assert "quiet" in found.fix


def test_where_trainings_were_found_again_nothing_is_claimed() -> None:
    """A baseline from another day made the note fire for every trick."""
    unknown = replace(EFFECTS[0], whole_seconds_ratio=math.nan)
    (found,) = [one for one in tell_study(replace(STUDY, effects=(unknown, EFFECTS[1]))) if "seconds" in one.id]
    assert (found.id, found.evidence) == ("equal_seconds_unchecked", {"unchecked": ["Mixup()"]})
    assert "not known of Mixup(): trainings with or without it were found again" in found.summary
    (found,) = [one for one in tell_study(replace(STUDY, effects=(unknown, EFFECTS[2]))) if "seconds" in one.id]
    assert found.id == "unequal_seconds"
    assert found.summary.endswith("Flip() 0.70 times as long. Their effects may not be those of equal time. Not known "
                                  "of Mixup().")  # fmt: skip


def test_lengths_that_are_by_operations_are_told() -> None:
    drowned, cost = InTurn(2.0, 0.46, 2.96, 2.0, 1.0, 6.4), Cost(0.01, 50, 200.0, 7, 300, 4)
    study = replace(STUDY, effects=EFFECTS[1:2], costs=Costs(cost, {1: cost}, {1: drowned}))
    (found,) = [one for one in tell_study(study) if "seconds" in one.id]
    assert found.summary == (
        "Updates timed in turn with the baseline's differed too much from place to place to tell their seconds: EMA() "
        "(0.46 to 2.96 times). There lengths are by operations."
    )


def test_seconds_that_came_out_equal_or_were_not_asked_for_are_not_told() -> None:
    for study in (replace(STUDY, effects=EFFECTS[1:2]), replace(STUDY, equal="epochs")):
        assert "unequal_seconds" not in {finding.id for finding in tell_study(study)}
