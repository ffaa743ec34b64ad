"""Ablations with a `measure` that looks answers up instead of training."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest

from assay.ablation.ablate import Ablation, ablate
from assay.figure import Forest
from assay.models.mlp import MLP
from assay.recipe import Recipe, Trick
from assay.trial import Trial
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
    """A `Measure`: right on a share of examples that the recipe's tricks decide, shifted by two per seed."""

    value: Callable[[Recipe], float] = lambda recipe: 0.5 + sum(WORTH.get(type(t), 0.0) for t in recipe.tricks)
    log: list[tuple[str, int]] = field(default_factory=list)

    def __call__(self, recipe: Recipe, seed: int) -> Trial:
        self.log.append((recipe.describe(), seed))
        value = self.value(recipe)
        right = 0 if math.isnan(value) else round(value * EXAMPLES)
        scores = np.roll((np.arange(EXAMPLES) < right).astype(float), 2 * seed)
        seconds = 1.0 + 0.5 * recipe.has(EMA)
        return Trial(recipe, seed, value, value, EXAMPLES, 60, seconds, scores)


def run(*candidates: Trick, **options: object) -> tuple[Ablation, Laboratory]:
    laboratory = options.pop("laboratory", None) or Laboratory()
    return ablate(BASELINE, candidates, laboratory, **options), laboratory  # type: ignore[arg-type]


def names(ablation: Ablation) -> list[str]:
    return [type(trick).__name__ for trick in ablation.recipe.tricks]


def summary(ablation: Ablation, finding: str) -> str:
    return next(f.summary for f in ablation.report.findings if f.id == finding)


class TestEffects:
    def test_each_trick_is_measured_alone_on_every_seed(self) -> None:
        ablation, laboratory = run(EMA(), Dropout(), seeds=(3, 5))
        alone = Counter(description for description, _ in laboratory.log[:6])
        assert alone == {
            BASELINE.describe(): 2,
            (BASELINE | EMA()).describe(): 2,
            (BASELINE | Dropout()).describe(): 2,
        }
        assert {seed for _, seed in laboratory.log} == {3, 5}
        assert [r.effect.n for r in ablation.results] == [2, 2]

    def test_estimates_and_verdicts(self) -> None:
        ablation, _ = run(EMA(), Dropout(), GradientClip())
        told = {r.name: (round(r.effect.estimate, 4), r.effect.verdict) for r in ablation.results}
        assert told == {
            "EMA()": (0.04, "helps"),
            "Dropout()": (-0.06, "hurts"),
            "GradientClip()": (0.0, "no measurable effect"),
        }

    def test_cost(self) -> None:
        ablation, _ = run(EMA(), Dropout())
        assert [r.effect.seconds_per_step_ratio for r in ablation.results] == pytest.approx([1.5, 1.0])

    def test_forest_shows_points_best_first(self) -> None:
        ablation, _ = run(Dropout(), EMA(), Cosine())
        (figure,) = next(f.figures for f in ablation.report.findings if f.id == "trick_effects")
        assert isinstance(figure, Forest)
        assert [(row.label, round(row.estimate, 6), row.verdict) for row in figure.rows] == [
            ("Cosine()", 10.0, "helps"),
            ("EMA()", 4.0, "helps"),
            ("Dropout()", -6.0, "hurts"),
        ]
        assert all(row.low <= row.estimate <= row.high for row in figure.rows)

    def test_other_metrics_keep_their_unit(self) -> None:
        ablation, _ = run(EMA(), metric="r2")
        (figure,) = next(f.figures for f in ablation.report.findings if f.id == "trick_effects")
        assert isinstance(figure, Forest)
        assert figure.rows[0].estimate == pytest.approx(0.04)
        assert figure.x_label == "r2"

    def test_summary_names_who_helps_and_who_hurts(self) -> None:
        ablation, _ = run(Cosine(), EMA(), Dropout(), GradientClip())
        assert "Of 4 tricks, 2 help (Cosine(), EMA()), 1 hurts (Dropout()), 1 had no" in summary(
            ablation, "trick_effects"
        )

    def test_summary_of_one_trick(self) -> None:
        ablation, _ = run(GradientClip())
        assert "Of 1 trick, none helps, none hurts, 1 had no" in summary(ablation, "trick_effects")

    def test_no_candidates(self) -> None:
        ablation, _ = run()
        assert ablation.recipe == BASELINE
        assert ablation.results == ()
        assert "No trick was measured" in summary(ablation, "trick_effects")
        assert all(not finding.figures for finding in ablation.report.findings)


class TestStack:
    def test_keeps_what_gains_best_first(self) -> None:
        ablation, _ = run(LabelSmoothing(), Dropout(), Cosine(), EMA())
        assert names(ablation) == ["Cosine", "EMA", "LabelSmoothing"]
        assert {r.name: r.kept for r in ablation.results} == {
            "LabelSmoothing()": True,
            "Dropout()": False,
            "Cosine()": True,
            "EMA()": True,
        }

    def test_drops_what_gains_only_alone(self) -> None:
        """EMA and cosine do the same good: together no better than cosine."""

        def value(recipe: Recipe) -> float:
            return 0.6 if recipe.has(Cosine) else 0.55 if recipe.has(EMA) else 0.5

        ablation, _ = run(EMA(), Cosine(), laboratory=Laboratory(value))
        assert names(ablation) == ["Cosine"]
        kept = {r.name: r.kept for r in ablation.results}
        assert kept == {"EMA()": False, "Cosine()": True}
        assert next(r for r in ablation.results if r.name == "EMA()").effect.verdict == "helps"

    def test_of_two_tricks_for_one_slot_the_better_stays(self) -> None:
        ablation, _ = run(LinearDecay(), Cosine())
        assert names(ablation) == ["Cosine"]
        (skip,) = ablation.report.skipped
        assert skip.id == "LinearDecay() in the stack"
        assert "LinearDecay and Cosine both set learning rate schedule" in skip.reason

    def test_never_stacks_what_hurts(self) -> None:
        ablation, laboratory = run(Dropout())
        assert ablation.recipe == BASELINE
        assert "No trick improved the baseline" in summary(ablation, "trick_stack")
        assert len(laboratory.log) == 6

    def test_worth_of_the_stack(self) -> None:
        ablation, _ = run(Cosine(), EMA())
        text = summary(ablation, "trick_stack")
        assert "Cosine() | EMA()" in text
        assert "+14.00 points" in text
        assert "helps" in text
        assert "flattering" in text

    def test_same_candidate_twice_is_kept_with_the_settings_that_won(self) -> None:
        def value(recipe: Recipe) -> float:
            return 0.5 + sum(t.smoothing for t in recipe.tricks if isinstance(t, LabelSmoothing))

        ablation, _ = run(LabelSmoothing(0.1), LabelSmoothing(0.2), laboratory=Laboratory(value))
        assert [r.kept for r in ablation.results] == [False, True]
        assert any("already in the recipe" in skip.reason for skip in ablation.report.skipped)


class TestConflicts:
    def test_an_impossible_candidate_is_skipped_with_its_reason(self) -> None:
        ablation, laboratory = run(ZeroGamma(), EMA())
        (skip,) = ablation.report.skipped
        assert skip.id == "ZeroGamma()"
        assert "ZeroGamma needs" in skip.reason
        assert [r.name for r in ablation.results] == ["EMA()"]
        assert not any("ZeroGamma" in description for description, _ in laboratory.log)

    def test_a_trick_that_the_baseline_has(self) -> None:
        laboratory = Laboratory()
        ablation = ablate(BASELINE | EMA(), [EMA(), Cosine()], laboratory)
        assert [skip.id for skip in ablation.report.skipped] == ["EMA()"]
        assert names(ablation) == ["EMA", "Cosine"]
        assert "The stack Cosine() measures" in summary(ablation, "trick_stack")


class TestDivergence:
    def test_a_trick_that_diverges_is_no_effect_at_all(self) -> None:
        def value(recipe: Recipe) -> float:
            return math.nan if recipe.has(Dropout) else 0.55 if recipe.has(EMA) else 0.5

        ablation, _ = run(Dropout(), EMA(), laboratory=Laboratory(value))
        (skip,) = ablation.report.skipped
        assert skip.id == "Dropout()"
        assert "diverged" in skip.reason
        assert "seed 0, 1, 2" in skip.reason
        assert names(ablation) == ["EMA"]

    def test_a_stack_that_diverges_is_not_kept(self) -> None:
        def value(recipe: Recipe) -> float:
            return math.nan if len(recipe.tricks) == 2 else 0.5 + 0.1 * len(recipe.tricks)

        ablation, _ = run(Cosine(), EMA(), laboratory=Laboratory(value))
        assert len(ablation.recipe.tricks) == 1
        assert "diverged" in ablation.report.skipped[0].reason

    def test_a_baseline_that_diverges_is_suspect(self) -> None:
        ablation, laboratory = run(Cosine(), laboratory=Laboratory(lambda recipe: math.nan))
        assert [(f.id, f.level) for f in ablation.report.findings] == [("baseline_diverged", "suspect")]
        assert ablation.recipe == BASELINE
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
        ablation, _ = run(EMA(), rival=BASELINE | EMA() | GradientClip())
        assert names(ablation) == ["EMA", "GradientClip"]

    def test_kept_means_in_the_recipe_that_goes_on(self) -> None:
        ablation, _ = run(EMA(), GradientClip(), rival=BASELINE | Cosine() | GradientClip())
        assert {r.name: r.kept for r in ablation.results} == {"EMA()": False, "GradientClip()": True}

    def test_a_rival_that_diverges_loses(self) -> None:
        laboratory = Laboratory(lambda recipe: math.nan if recipe.has(Cosine) else 0.5)
        ablation, _ = run(EMA(), rival=BASELINE | Cosine(), laboratory=laboratory)
        assert names(ablation) == []
        assert [skip.id for skip in ablation.report.skipped] == ["the expert's recipe"]

    def test_no_trick_is_compared_with_a_diverged_baseline_so_the_rival_goes_on(self) -> None:
        laboratory = Laboratory(lambda recipe: 0.5 if recipe.tricks else math.nan)
        ablation, _ = run(EMA(), rival=BASELINE | Cosine(), laboratory=laboratory)
        assert names(ablation) == ["Cosine"]


class TestBudget:
    def test_what_no_time_is_left_for_is_skipped_and_listed(self) -> None:
        laboratory = Laboratory()
        ablation, _ = run(Cosine(), EMA(), LabelSmoothing(), laboratory=laboratory,
                          share_used=lambda: len(laboratory.log) / 10)  # fmt: skip
        assert [r.name for r in ablation.results] == ["Cosine()", "EMA()"]
        assert ("LabelSmoothing()", "budget") in [(skip.id, skip.reason) for skip in ablation.report.skipped]

    def test_single_tricks_leave_time_to_their_stack(self) -> None:
        laboratory = Laboratory()
        ablation, _ = run(Cosine(), EMA(), LabelSmoothing(), laboratory=laboratory,
                          share_used=lambda: len(laboratory.log) / 13)  # fmt: skip
        assert names(ablation) == ["Cosine", "EMA"]

    def test_time_up_before_the_first_trick(self) -> None:
        ablation, laboratory = run(Cosine(), EMA(), share_used=lambda: 1.0)
        assert ablation.recipe == BASELINE
        assert len(laboratory.log) == 3
        assert [skip.reason for skip in ablation.report.skipped] == ["budget", "budget"]
        assert "No trick was measured" in summary(ablation, "trick_effects")


def test_report_survives_json() -> None:
    from assay.finding import Report

    report = run(Cosine(), Dropout(), ZeroGamma(), rival=BASELINE | EMA())[0].report
    assert Report.from_dict(report.to_dict()) == report


@pytest.mark.parametrize("seeds", [(), (7,)])
def test_refuses_fewer_than_two_seeds(seeds: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="at least two seeds"):
        run(Cosine(), seeds=seeds)
