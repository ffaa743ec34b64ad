"""Shapley's shares sum to the effect of the whole stack, also where some tricks are clear long before others."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from assay.ablation.designs.shapley import shapley
from assay.ablation.sequential import Looks
from assay.ablation.studied import Study
from assay.ablation.study import run_study
from assay.ablation.study_findings import sentence, tell_study
from assay.ablation.whole_stack import sum_of_shares
from assay.models.mlp import MLP
from assay.recipe import Recipe, Trick
from assay.trial import Trial, in_turn
from assay.tricks.average.ema import EMA
from assay.tricks.drop.dropout import Dropout
from assay.tricks.gradient.gradient_clip import GradientClip
from assay.tricks.schedule.cosine import Cosine
from assay.tricks.target.label_smoothing import LabelSmoothing

BASELINE = Recipe(model=MLP(), epochs=3)
TRICKS: tuple[Trick, ...] = (Cosine(), EMA(), LabelSmoothing(), Dropout(), GradientClip())
WORTH = {Cosine: 20.0, EMA: 1.0, LabelSmoothing: 0.5}
SEED = 620


@dataclass
class Drawn:
    """Worths that add up, and luck of deviation 1 for each training."""

    worth: dict[type, float]
    random: np.random.Generator
    values: dict[tuple[str, int], float] = field(default_factory=dict)

    def __call__(self, recipe: Recipe, seed: int) -> Trial:
        value = self.random.normal() + sum(self.worth.get(type(trick), 0.0) for trick in recipe.tricks)
        self.values[recipe.key(), seed] = value
        return Trial(recipe, seed, value, 0.0, 1, 60, 1.0, np.array([value]))


def study(worth: dict[type, float], tricks: tuple[Trick, ...] = TRICKS, **options) -> tuple[Study, Drawn]:
    print(f"seed {SEED}")
    drawn = Drawn(worth, np.random.default_rng(SEED))
    return run_study(BASELINE, tricks, in_turn(drawn), design=shapley, **options), drawn


def test_they_sum_although_one_is_clear_at_the_first_look() -> None:
    made, drawn = study(WORTH, looks=Looks((3, 6, 12)))
    assert {effect.n for effect in made.effects} == {12}, "Cosine was clear after 3, and went on"
    assert made.effects[0].verdict == "helps"
    everything = BASELINE
    for trick in TRICKS:
        everything = everything | trick
    apart = [drawn.values[everything.key(), seed] - drawn.values[BASELINE.key(), seed] for seed in range(12)]
    assert made.whole is not None
    assert made.whole.estimate == pytest.approx(np.mean(apart))
    assert made.whole.low < made.whole.estimate < made.whole.high
    assert sum_of_shares(made) == pytest.approx(made.whole.estimate)


def test_it_ends_early_where_nothing_is_left_to_find() -> None:
    made, _ = study({Cosine: 40.0, EMA: 30.0, Dropout: -35.0}, (Cosine(), EMA(), Dropout()), looks=Looks((3, 6, 12)))
    assert made.trainings < made.fixed
    assert {effect.verdict for effect in made.effects} == {"helps", "hurts"}
    assert len({effect.n for effect in made.effects}) == 1


def test_the_report_and_the_sentence_tell_the_whole_and_the_sum() -> None:
    made, _ = study(WORTH, looks=Looks((3,)))
    found = tell_study(made)[0]
    assert made.whole is not None
    metric = made.judge.metric
    told = (
        f"All together add {metric.told(made.whole.estimate)} percentage points (95 % interval "
        f"{metric.told(made.whole.low)} to {metric.told(made.whole.high)}, n = 3); the "
        f"effects sum to {metric.told(made.whole.estimate)}."
    )
    assert told in found.summary
    assert sentence(made).endswith(told)
    assert found.evidence["whole_stack"]["sum_of_effects"] == pytest.approx(made.whole.estimate)


def test_a_share_that_is_not_known_is_told() -> None:
    made, _ = study({Cosine: 1.0}, looks=Looks((3,)))
    broken = replace(made.effects[1], estimate=math.nan)
    told = tell_study(replace(made, effects=(made.effects[0], broken)))[0]
    assert "; one of the shares is not known." in told.summary
    assert told.evidence["whole_stack"]["sum_of_effects"] is None
    diverged, _ = study({Cosine: math.nan}, looks=Looks((3,)))
    assert "What all together add is not known: a training diverged with seed 0." in sentence(
        replace(diverged, effects=made.effects)
    )


def test_other_designs_have_no_whole() -> None:
    made, _ = study({}, (Cosine(),), looks=Looks((3,)))
    plain = replace(made, whole=None)
    assert "All together" not in tell_study(plain)[0].summary
    assert "whole_stack" not in tell_study(plain)[0].evidence


def test_no_training_is_done_twice() -> None:
    log = Counter[tuple[str, int]]()

    def measure(recipe: Recipe, seed: int) -> Trial:
        log[recipe.key(), seed] += 1
        return Trial(recipe, seed, 0.0, 0.0, 1, 60, 1.0, np.array([float(len(recipe.tricks) * seed)]))

    run_study(BASELINE, TRICKS, in_turn(measure), design=shapley, looks=Looks((3, 5)))
    assert max(log.values()) == 1
