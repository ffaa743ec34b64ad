"""The stack that goes on in a run, with a `measure` that looks answers up: what is tried, kept, compared and told."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from assay.ablation.choice import Choice, choose_stack
from assay.ablation.metrics.accuracy import ACCURACY
from assay.ablation.metrics.r2 import R2
from assay.ablation.sequential import Looks
from assay.figure import Forest
from assay.finding import Report
from assay.models.mlp import MLP
from assay.recipe import Recipe, Trick
from assay.trial import Trial, in_turn
from assay.tricks.average.ema import EMA
from assay.tricks.drop.dropout import Dropout
from assay.tricks.gradient.gradient_clip import GradientClip
from assay.tricks.initialisation.zero_gamma import ZeroGamma
from assay.tricks.schedule.cosine import Cosine
from assay.tricks.schedule.linear_decay import LinearDecay
from assay.tricks.target.label_smoothing import LabelSmoothing

EXAMPLES = 400
BASELINE = Recipe(model=MLP(), epochs=3)
WORTH: dict[type, float] = {Cosine: 0.10, LinearDecay: 0.08, EMA: 0.04, LabelSmoothing: 0.02, Dropout: -0.06}


@dataclass
class Laboratory:
    """A `Measure`: right on a share of examples that the recipe's tricks decide, with luck for each recipe and seed."""

    value: Callable[[Recipe], float] = lambda recipe: 0.5 + sum(WORTH.get(type(t), 0.0) for t in recipe.tricks)
    luck: float = 0.0
    log: list[tuple[Recipe, int]] = field(default_factory=list)

    def __call__(self, recipe: Recipe, seed: int) -> Trial:
        self.log.append((recipe, seed))
        value = self.value(recipe)
        random = np.random.default_rng([seed, int(recipe.key(), 16)])
        right = 0 if math.isnan(value) else round((value + self.luck * random.normal()) * EXAMPLES)
        scores = np.roll((np.arange(EXAMPLES) < right).astype(float), 2 * seed)
        return Trial(recipe, seed, value, value, EXAMPLES, 60, 1.0 + 0.5 * recipe.has(EMA), scores)


def run(*candidates: Trick, baseline: Recipe = BASELINE, **options: Any) -> tuple[Choice, Laboratory]:
    laboratory = options.pop("laboratory", None) or Laboratory()
    options = {"looks": Looks((3,)), "metric": ACCURACY, **options}
    return choose_stack(baseline, candidates, in_turn(laboratory), **options), laboratory


def names(choice: Choice) -> list[str]:
    return [type(trick).__name__ for trick in choice.recipe.tricks]


def summary(choice: Choice, finding: str) -> str:
    return next(f.summary for f in choice.report.findings if f.id == finding)


class TestAlone:
    def test_each_trick_is_measured_alone_on_every_seed(self) -> None:
        _, laboratory = run(EMA(), Dropout(), first_seed=7)
        alone = Counter(recipe.key() for recipe, seed in laboratory.log if seed in (7, 8, 9))
        assert alone == {BASELINE.key(): 3, (BASELINE | EMA()).key(): 3, (BASELINE | Dropout()).key(): 3}

    def test_no_training_is_asked_for_twice(self) -> None:
        _, laboratory = run(Cosine(), EMA(), LabelSmoothing(), rival=BASELINE | Cosine())
        assert max(Counter((recipe.key(), seed) for recipe, seed in laboratory.log).values()) == 1

    def test_estimates_and_cost(self) -> None:
        choice, _ = run(EMA(), Dropout(), GradientClip())
        assert choice.study is not None
        assert [round(effect.estimate, 4) for effect in choice.study.effects] == [0.04, -0.06, 0.0]
        assert [effect.seconds_per_step_ratio for effect in choice.study.effects] == pytest.approx([1.5, 1.0, 1.0])

    def test_forest_shows_points_best_first(self) -> None:
        choice, _ = run(Dropout(), EMA(), Cosine())
        figure = next(f.figures[0] for f in choice.report.findings if f.id == "trick_effects")
        assert isinstance(figure, Forest)
        assert [(row.label, round(row.estimate, 6)) for row in figure.rows] == [
            ("Cosine()", 10.0),
            ("EMA()", 4.0),
            ("Dropout()", -6.0),
        ]

    def test_the_error_rate_of_the_first_round_is_half_of_all(self) -> None:
        choice, _ = run(EMA())
        assert choice.study is not None
        assert choice.study.looks.alpha == 0.025

    def test_no_candidates(self) -> None:
        choice, _ = run()
        assert (choice.recipe, choice.study) == (BASELINE, None)
        assert "No trick was measured" in summary(choice, "trick_effects")
        assert all(not finding.figures for finding in choice.report.findings)


class TestStack:
    def test_what_is_clear_joins_first_and_what_only_gained_is_a_guess(self) -> None:
        laboratory = Laboratory(luck=0.01)
        choice, _ = run(LabelSmoothing(), Dropout(), Cosine(), EMA(), laboratory=laboratory, looks=Looks((3, 6)))
        assert names(choice)[:2] == ["Cosine", "EMA"]
        told = summary(choice, "trick_stack")
        assert "Clear: Cosine()" in told
        assert ". At most 5% of studies like this one ever stack a trick that does nothing." in told

    def test_where_nothing_is_clear_it_is_said(self) -> None:
        choice, _ = run(LabelSmoothing(), EMA(), laboratory=Laboratory(luck=0.04))
        found = next(f for f in choice.report.findings if f.id == "trick_stack")
        assert "Nothing is clear; by estimate only" in found.summary
        assert "is no proof" in found.summary
        assert (found.evidence["clear"], len(found.evidence["by_estimate"])) == ([], len(choice.recipe.tricks))

    def test_drops_what_gains_only_alone(self) -> None:
        """EMA and cosine do the same good: together no better than cosine."""

        def value(recipe: Recipe) -> float:
            return 0.6 if recipe.has(Cosine) else 0.55 if recipe.has(EMA) else 0.5

        choice, _ = run(EMA(), Cosine(), laboratory=Laboratory(value))
        assert names(choice) == ["Cosine"]

    def test_of_two_tricks_for_one_slot_the_better_stays(self) -> None:
        choice, _ = run(LinearDecay(), Cosine(), laboratory=Laboratory(luck=0.01))
        assert names(choice) == ["Cosine"]
        (skip,) = choice.report.skipped
        assert skip.id == "LinearDecay() in the stack"
        assert "LinearDecay and Cosine both set learning rate schedule" in skip.reason

    def test_never_stacks_what_hurts(self) -> None:
        choice, laboratory = run(Dropout())
        assert choice.recipe == BASELINE
        assert "No trick improved the baseline" in summary(choice, "trick_stack")
        assert len(laboratory.log) == 6

    def test_its_worth_is_measured_on_seeds_that_chose_nothing(self) -> None:
        choice, laboratory = run(Cosine(), EMA(), laboratory=Laboratory(luck=0.03))
        assert "On fresh seeds it measures" in summary(choice, "trick_stack")
        assert "the validation examples that chose it, so that is a little flattering" in summary(choice, "trick_stack")
        fresh = {seed for recipe, seed in laboratory.log if recipe.key() == BASELINE.key()} - {0, 1, 2}
        assert fresh
        assert {recipe.key() for recipe, seed in laboratory.log if seed in fresh} == {
            BASELINE.key(), choice.recipe.key(),
        }  # fmt: skip

    def test_same_candidate_twice_is_kept_with_the_settings_that_won(self) -> None:
        def value(recipe: Recipe) -> float:
            return 0.5 + sum(t.smoothing for t in recipe.tricks if isinstance(t, LabelSmoothing))

        choice, _ = run(LabelSmoothing(0.1), LabelSmoothing(0.2), laboratory=Laboratory(value, luck=0.04))
        assert choice.recipe.tricks == (LabelSmoothing(0.2),)
        assert any("already in the recipe" in skip.reason for skip in choice.report.skipped)

    def test_all_is_told_in_the_metric_of_the_data(self) -> None:
        choice, _ = run(Cosine(), EMA(), laboratory=Laboratory(luck=0.03), metric=R2, rival=BASELINE | Dropout())
        assert choice.study is not None
        assert choice.study.judge.metric is R2
        told = " ".join(finding.summary for finding in choice.report.findings)
        assert (" r2 [" in told, "points" in told) == (True, False)


class TestConflicts:
    def test_an_impossible_candidate_is_skipped_with_its_reason(self) -> None:
        choice, laboratory = run(ZeroGamma(), EMA())
        (skip,) = choice.report.skipped
        assert skip.id == "ZeroGamma()"
        assert "ZeroGamma needs" in skip.reason
        assert not any(recipe.has(ZeroGamma) for recipe, _ in laboratory.log)

    def test_a_trick_that_the_baseline_has(self) -> None:
        choice, _ = run(EMA(), Cosine(), baseline=BASELINE | EMA())
        assert [(skip.id, skip.reason) for skip in choice.report.skipped] == [
            ("EMA()", "EMA() is in the baseline already")
        ]
        assert names(choice) == ["EMA", "Cosine"]
        assert summary(choice, "trick_stack").startswith("The stack Cosine().")


class TestDivergence:
    def test_a_trick_that_diverges_is_no_effect_at_all(self) -> None:
        def value(recipe: Recipe) -> float:
            return math.nan if recipe.has(Dropout) else 0.55 if recipe.has(EMA) else 0.5

        choice, _ = run(Dropout(), EMA(), laboratory=Laboratory(value))
        assert [(skip.id, skip.reason) for skip in choice.report.skipped] == [
            ("Dropout()", "a training diverged with seed 0")
        ]
        assert names(choice) == ["EMA"]

    def test_a_stack_that_diverges_is_not_kept(self) -> None:
        def value(recipe: Recipe) -> float:
            return math.nan if len(recipe.tricks) == 2 else 0.5 + 0.1 * len(recipe.tricks)

        choice, _ = run(Cosine(), EMA(), laboratory=Laboratory(value, luck=0.05))
        assert len(choice.recipe.tricks) == 1
        assert "diverged" in choice.report.skipped[0].reason

    def test_a_baseline_that_diverges_is_suspect(self) -> None:
        choice, laboratory = run(Cosine(), laboratory=Laboratory(lambda recipe: math.nan))
        assert [(f.id, f.level) for f in choice.report.findings] == [("baseline_diverged", "suspect")]
        assert choice.recipe == BASELINE
        assert len(laboratory.log) == 3


class TestRival:
    def test_the_better_goes_on(self) -> None:
        better, _ = run(EMA(), rival=BASELINE | Cosine())
        assert names(better) == ["Cosine"]
        assert "the expert's goes on" in summary(better, "expert_recipe")
        worse, _ = run(Cosine(), rival=BASELINE | EMA())
        assert names(worse) == ["Cosine"]
        assert "the measured stack goes on" in summary(worse, "expert_recipe")

    def test_the_rival_wins_a_tie(self) -> None:
        choice, _ = run(EMA(), rival=BASELINE | EMA() | GradientClip())
        assert names(choice) == ["EMA", "GradientClip"]

    def test_a_rival_that_diverges_loses(self) -> None:
        laboratory = Laboratory(lambda recipe: math.nan if recipe.has(Cosine) else 0.5)
        choice, _ = run(EMA(), rival=BASELINE | Cosine(), laboratory=laboratory)
        assert names(choice) == []
        assert [skip.id for skip in choice.report.skipped] == ["the expert's recipe"]

    def test_a_stack_that_diverges_on_fresh_seeds_loses(self) -> None:
        class Late(Laboratory):
            def __call__(self, recipe: Recipe, seed: int) -> Trial:
                late = recipe.has(EMA) and seed > 5
                return Laboratory(lambda r: math.nan if late else 0.6 if r.has(EMA) else 0.5)(recipe, seed)

        choice, _ = run(EMA(), rival=BASELINE | Cosine(), laboratory=Late(), first_seed=3)
        assert names(choice) == ["Cosine"]
        assert "diverged on fresh seeds; the expert's goes on" in summary(choice, "expert_recipe")

    def test_no_trick_is_compared_with_a_diverged_baseline_so_the_rival_goes_on(self) -> None:
        laboratory = Laboratory(lambda recipe: 0.5 if recipe.tricks else math.nan)
        choice, _ = run(EMA(), rival=BASELINE | Cosine(), laboratory=laboratory)
        assert names(choice) == ["Cosine"]


class TestBudget:
    def test_what_no_time_is_left_for_is_skipped_and_listed(self) -> None:
        laboratory = Laboratory(luck=0.03)
        choice, _ = run(Cosine(), EMA(), LabelSmoothing(), laboratory=laboratory,
                        share_used=lambda: len(laboratory.log) / 12)  # fmt: skip
        assert [trick for trick in choice.tricks] == [Cosine(), EMA()]
        assert ("LabelSmoothing()", "budget") in [(skip.id, skip.reason) for skip in choice.report.skipped]

    def test_time_up_before_the_first_trick(self) -> None:
        choice, laboratory = run(Cosine(), EMA(), share_used=lambda: 1.0)
        assert choice.recipe == BASELINE
        assert len(laboratory.log) == 3
        assert [skip.reason for skip in choice.report.skipped] == ["budget", "budget"]
        assert "No trick was measured" in summary(choice, "trick_effects")

    def test_without_time_for_fresh_seeds_the_rival_is_trained_on_those_there_are(self) -> None:
        laboratory = Laboratory(luck=0.03)

        def share_used() -> float:
            return float(any(len(recipe.tricks) == 2 for recipe, _ in laboratory.log))

        rival = BASELINE | Dropout()
        choice, _ = run(Cosine(), EMA(), laboratory=laboratory, rival=rival, share_used=share_used)
        assert "no time to hold it against the baseline" in summary(choice, "trick_stack")
        assert "(n = 3 seeds, which chose the stack, " in summary(choice, "expert_recipe")
        assert {seed for recipe, seed in laboratory.log if recipe.has(Dropout)} == {0, 1, 2}


def test_report_survives_json() -> None:
    report = run(Cosine(), Dropout(), ZeroGamma(), rival=BASELINE | EMA())[0].report
    assert Report.from_dict(report.to_dict()) == report
