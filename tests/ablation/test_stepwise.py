"""Stepwise selection: what joins, when it stops, and how often a stack of useless tricks gains a member."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from test_choice import BASELINE, Laboratory

from assay.ablation.sequential import Looks
from assay.ablation.stepwise import Steps, run_stepwise, study_of
from assay.ablation.study_findings import tell_study
from assay.errors import InputError
from assay.recipe import Recipe, Trick
from assay.trial import Trial, in_turn
from assay.tricks.average.ema import EMA
from assay.tricks.drop.dropout import Dropout
from assay.tricks.gradient.gradient_clip import GradientClip
from assay.tricks.schedule.cosine import Cosine
from assay.tricks.schedule.linear_decay import LinearDecay
from assay.tricks.target.label_smoothing import LabelSmoothing

TRICKS: tuple[Trick, ...] = (Dropout(), EMA(), LinearDecay(), Cosine(), GradientClip())


def run(
    laboratory: Laboratory | None = None, tricks: tuple[Trick, ...] = TRICKS, **options
) -> tuple[Steps, Laboratory]:
    laboratory = laboratory or Laboratory(luck=0.003)
    return run_stepwise(BASELINE, tricks, in_turn(laboratory), **options), laboratory


def test_the_clearest_joins_in_each_round_until_none_is_clear() -> None:
    steps, _ = run()
    assert [type(TRICKS[place]).__name__ for place in steps.stack] == ["Cosine", "EMA"]
    assert steps.recipe.tricks == (Cosine(), EMA())
    assert [one.added for one in steps.rounds] == [3, 1, None]
    assert not steps.out_of_time


def test_each_round_has_half_the_error_rate_of_the_one_before_and_seeds_of_its_own() -> None:
    steps, laboratory = run(looks=Looks((3, 5)), first_seed=10)
    assert [one.study.looks.alpha for one in steps.rounds] == [0.025, 0.0125, 0.00625]
    seeds = {len(recipe.tricks): set() for recipe, _ in laboratory.log}
    for recipe, seed in laboratory.log:
        seeds[len(recipe.tricks)].add((seed - 10) // 5)
    assert seeds == {0: {0}, 1: {0, 1}, 2: {1, 2}, 3: {2}}


def test_what_clashes_with_a_member_is_not_measured_again() -> None:
    steps, _ = run()
    assert steps.rounds[1].places == (0, 1, 4), "linear decay sets what cosine sets"
    steps, _ = run(Laboratory(lambda recipe: 0.5 + 0.2 * len(recipe.tricks), luck=0.003),
                   (LabelSmoothing(0.1), LabelSmoothing(0.2)))  # fmt: skip
    assert len(steps.stack) == len(steps.rounds) == 1


def test_as_one_study_it_has_the_last_known_effect_of_each_trick() -> None:
    steps, laboratory = run()
    study = study_of(steps, TRICKS, Looks())
    assert [effect.tricks for effect in study.effects] == [(0,), (1,), (2,), (3,), (4,)]
    assert [effect.verdict for effect in study.effects] == [
        "hurts", "helps", "helps", "helps", "no measurable effect",
    ], "linear decay helped the baseline, where it was looked at last"  # fmt: skip
    assert study.trainings == len(laboratory.log) < study.fixed
    assert study.stack == steps.stack
    assert "The stack, a trick a round: Cosine(), then EMA()." in tell_study(study)[0].summary
    assert "No trick joined the stack." in tell_study(replace(study, stack=()))[0].summary


def test_effects_on_classes_are_those_of_the_same_rounds() -> None:
    from assay.ablation.judge import Judge
    from assay.ablation.metrics.accuracy import ACCURACY
    from assay.trial import Answers

    targets = np.arange(400) % 2
    known = Laboratory(luck=0.003)

    def answered(recipe: Recipe, seed: int) -> Trial:
        trial = known(recipe, seed)
        predicted = np.where(trial.example_scores == 1, targets, 1 - targets).astype(np.int32)
        return replace(trial, answers=Answers(predicted, np.ones(400, np.float32), np.ones(400, np.float32)))

    steps = run_stepwise(BASELINE, TRICKS, in_turn(answered), judge=Judge(ACCURACY, targets, classes=("cat", "dog")))
    study = study_of(steps, TRICKS, Looks())
    assert [(one.name, one.label) for one in study.of_classes] == [
        (effect.name, label) for effect in study.effects for label in ("cat", "dog")
    ]
    for effect, cat, dog in zip(study.effects, study.of_classes[::2], study.of_classes[1::2], strict=True):
        assert (cat.n, (cat.estimate + dog.estimate) / 2) == (effect.n, pytest.approx(effect.estimate))
    (told,) = [finding for finding in tell_study(study) if finding.id == "class_effects"]
    assert told.source.startswith("Bonferroni over looks, rounds, tricks and classes at 5%")


def test_a_round_that_the_time_does_not_suffice_for_is_not_begun() -> None:
    laboratory = Laboratory(luck=0.003)
    steps, _ = run(laboratory, share_used=lambda: len(laboratory.log) / 24)
    assert (len(steps.rounds), steps.out_of_time) == (1, True)
    assert steps.recipe.tricks == (Cosine(),)


def test_lower_is_better_where_the_metric_says_so() -> None:
    from assay.ablation.judge import Judge
    from assay.ablation.metrics.catalog import METRICS

    steps, _ = run(judge=Judge(METRICS["loss"]))
    assert steps.recipe.tricks == (Dropout(),)


def test_no_trick_is_refused() -> None:
    with pytest.raises(InputError, match="tricks must name at least one, got none"):
        run(tricks=())


def test_a_stack_of_useless_tricks_seldom_gains_a_member() -> None:
    print("seeds 3000 to 3299")

    class Noise(Laboratory):
        def __init__(self, seed: int) -> None:
            super().__init__()
            self.random = np.random.default_rng(seed)

        def __call__(self, recipe: Recipe, seed: int) -> Trial:
            value = float(self.random.normal())
            return Trial(recipe, seed, value, 0.0, 1, 60, 1.0, np.array([value]))

    gained = sum(bool(run(Noise(seed))[0].stack) for seed in range(3000, 3300))
    assert gained / 300 <= 0.025 + 3 * math.sqrt(0.025 * 0.975 / 300)
