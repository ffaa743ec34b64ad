"""Seconds of trainings that were found again: left out, and with them every ratio that would need them."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from assay.ablation.designs.add_one import add_one
from assay.ablation.sequential import Looks
from assay.ablation.studied import Study
from assay.ablation.study import run_study
from assay.ablation.timed_here import timed_here
from assay.models.mlp import MLP
from assay.recipe import Recipe
from assay.trial import Trial, in_turn
from assay.tricks.average.ema import EMA
from assay.tricks.schedule.cosine import Cosine
from assay.tricks.step.sam import SAM

BASELINE = Recipe(model=MLP(), epochs=3)


def train(recipe: Recipe, seed: int) -> Trial:
    """Twice as long with two passes; the baseline of seeds 0 and 1 was trained on a machine five times as fast."""
    seconds = (2.0 if recipe.has(SAM) else 1.0) / (5.0 if recipe == BASELINE and seed < 2 else 1.0)
    return Trial(recipe, seed, seed + 0.1 * len(recipe.tricks), 0.0, 1, 10, seconds, np.array([float(seed % 2)]))


def studied(found: set[int]) -> Study:
    """With the baseline of these seeds found again."""
    measure_all = timed_here(in_turn(train), lambda recipe, seed: not (recipe == BASELINE and seed in found))
    return run_study(BASELINE, (SAM(0.05), Cosine(), EMA()), measure_all, design=add_one, looks=Looks((3,)))


def test_a_pair_of_which_one_is_from_another_day_has_no_ratio() -> None:
    for effect, ratio in zip(studied({0, 1}).effects, (2.0, 1.0, 1.0), strict=True):
        assert effect.seconds_per_step_ratio == ratio, "of the third seed, which was timed here"
        assert (effect.seconds_range, effect.whole_seconds_ratio) == ((ratio, ratio), ratio)


def test_where_all_are_from_another_day_none_is_told() -> None:
    for effect in studied({0, 1, 2}).effects:
        assert math.isnan(effect.seconds_per_step_ratio)
        assert all(map(math.isnan, (*effect.seconds_range, effect.whole_seconds_ratio)))
        assert not math.isnan(effect.estimate)


def test_a_training_is_asked_for_once_and_is_its_own_commands_when_it_comes_again() -> None:
    asked = []
    measured = timed_here(in_turn(train), lambda recipe, seed: not asked and not asked.append(seed))
    first, again = measured([(BASELINE, 3)]), measured([(BASELINE, 3)])
    assert [trial.seconds for trial in (*first, *again)] == [1.0, 1.0]
    assert len(asked) == 1


def test_all_else_of_a_trial_stays_as_it_is() -> None:
    (trial,) = timed_here(in_turn(train), lambda recipe, seed: False)([(BASELINE, 4)])
    assert replace(trial, seconds=1.0).to_dict() == train(BASELINE, 4).to_dict()
    assert trial.seconds_per_step == pytest.approx(math.nan, nan_ok=True)
