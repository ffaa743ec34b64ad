"""Tuning as a whole, and what it says about it."""

from __future__ import annotations

import math

import pytest
from remembering import Remembering

from assay.data.data import Data
from assay.figure import Lines
from assay.finding import Report
from assay.losses import MeanSquaredError
from assay.models.mlp import MLP
from assay.optimizers import SGD, AdamW
from assay.recipe import Recipe
from assay.tricks.optimizer.linear_scaling import LinearScaling
from assay.tricks.optimizer.weight_decay import WeightDecay
from assay.tuning import tune as tune_module
from assay.tuning.range_test import RangeTest
from assay.tuning.search_findings import describe_search
from assay.tuning.searched import Searched
from assay.tuning.space import Span
from assay.tuning.tune import free_spans, tune

RECIPE = Recipe(model=MLP(hidden=(8,)), optimizer=AdamW(learning_rate=1e-2), batch_size=8, epochs=2)
SPANS = {"learning_rate": Span(1e-4, 1e-1, log=True), "weight_decay": Span(1e-5, 1e-1, log=True)}


def searched(value: float, loss: float = 1.0, *, rate: float = 1e-2, pruned: bool = False) -> Searched:
    return Searched({"learning_rate": rate, "weight_decay": 0.01}, value, loss, pruned)


@pytest.fixture
def pretend(monkeypatch: pytest.MonkeyPatch) -> list[Searched]:
    """The results that the search will pretend to have found."""
    results: list[Searched] = []
    monkeypatch.setattr(tune_module, "try_all", lambda *_, **__: list(results))
    monkeypatch.setattr(tune_module, "find_range", lambda *_, **__: RangeTest((1e-3, 1e-2), (2.0, 1.0), 1e-3, 1e-2))
    return results


class TestChoice:
    def test_the_best_value_wins(self, tiny_images: Data, pretend: list[Searched]) -> None:
        pretend += [searched(0.5), searched(0.7, rate=3e-3), searched(0.6)]
        tuning = tune(RECIPE, tiny_images)
        assert tuning.recipe.optimizer == AdamW(learning_rate=3e-3, weight_decay=0.01)

    def test_a_tie_in_value_and_loss_leaves_the_recipe_alone(self, tiny_images: Data, pretend: list[Searched]) -> None:
        pretend += [searched(0.5), searched(0.5, rate=3e-3)]
        assert tune(RECIPE, tiny_images).recipe == RECIPE

    def test_a_tie_in_value_is_told_by_the_loss(self, tiny_images: Data, pretend: list[Searched]) -> None:
        pretend += [searched(0.5, 1.0), searched(0.5, 0.9, rate=3e-3)]
        assert tune(RECIPE, tiny_images).recipe.optimizer.learning_rate == 3e-3

    def test_a_pruned_trial_never_wins(self, tiny_images: Data, pretend: list[Searched]) -> None:
        pretend += [searched(0.5), searched(0.9, rate=3e-3, pruned=True)]
        assert tune(RECIPE, tiny_images).recipe == RECIPE

    def test_own_settings_that_diverge_are_replaced(self, tiny_images: Data, pretend: list[Searched]) -> None:
        pretend += [searched(math.nan, math.inf, pruned=True), searched(0.4, rate=3e-3)]
        tuning = tune(RECIPE, tiny_images)
        assert tuning.recipe.optimizer.learning_rate == 3e-3
        assert "own settings diverge" in tuning.report.findings[1].summary

    def test_nothing_finished(self, tiny_images: Data, pretend: list[Searched]) -> None:
        pretend += [searched(math.nan, math.inf, pruned=True), searched(math.nan, math.inf, rate=3e-3, pruned=True)]
        tuning = tune(RECIPE, tiny_images)
        assert tuning.recipe == RECIPE
        assert "None of 2 settings trained to its end" in tuning.report.findings[1].summary
        assert "NaN" not in str(tuning.report.findings[1].evidence)
        assert tuning.report.findings[1].evidence["value"] is None

    def test_no_time_for_any_trial(self, tiny_images: Data, pretend: list[Searched]) -> None:
        tuning = tune(RECIPE, tiny_images)
        assert tuning.recipe == RECIPE
        assert [(skip.id, skip.reason) for skip in tuning.report.skipped] == [("search", "budget")]
        assert [finding.id for finding in tuning.report.findings] == ["learning_rate_range"]


class TestWords:
    def test_no_time_for_random_settings(self) -> None:
        only = searched(0.5)
        assert "time for the recipe's own settings only" in describe_search([only], only, "accuracy", 8).summary

    def test_none_was_better(self) -> None:
        results = [searched(0.5), searched(0.4), searched(0.3)]
        assert "None of 2 random settings beat" in describe_search(results, results[0], "accuracy", 8).summary

    def test_the_best_flatters_itself(self) -> None:
        results = [searched(0.5), searched(0.75, rate=3e-3), searched(0.1, pruned=True)]
        finding = describe_search(results, results[1], "accuracy", 8)
        assert "Best of 3 settings (1 stopped early): learning rate 0.003" in finding.summary
        assert "accuracy 0.7500 against 0.5000 of the recipe's own (+0.2500, one seed, n = 8)" in finding.summary
        assert "flatters" in finding.summary

    def test_a_tie_is_not_told_as_a_gain(self) -> None:
        results = [searched(0.5, 0.7), searched(0.5, 0.6, rate=3e-3)]
        summary = describe_search(results, results[1], "accuracy", 8).summary
        assert "the accuracy is that of the recipe's own, 0.5000, at a lower loss (0.6000, not 0.7000" in summary
        assert "+0.0000" not in summary

    def test_the_table_tells_how_each_ended(self) -> None:
        results = [searched(0.5), searched(0.1, pruned=True), searched(math.nan, math.inf, pruned=True)]
        table = describe_search(results, results[0], "accuracy", 8).figures[1]
        assert [row[-1] for row in table.rows] == ["finished", "stopped early", "diverged"]

    def test_trials_are_points_hollow_where_they_were_stopped_early(self) -> None:
        results = [searched(0.5), searched(0.7, rate=3e-3), searched(0.1, rate=0.05, pruned=True)]
        trials = describe_search(results, results[1], "accuracy", 8).figures[0]
        assert isinstance(trials, Lines)
        assert [(series.name, series.marks) for series in trials.series] == [
            ("finished", "points"), ("stopped early", "hollow points"),
        ]  # fmt: skip
        assert trials.series[0].x == (1e-2, 3e-3)
        assert trials.series[1].y == (0.1,)

    def test_no_point_is_drawn_where_there_is_no_value(self) -> None:
        results = [searched(0.5), searched(math.nan, math.inf, pruned=True)]
        curve = describe_search(results, results[0], "accuracy", 8).figures[0]
        assert all(math.isfinite(y) for series in curve.series for y in series.y)


class TestFreeSpans:
    def test_all_are_free_without_tricks(self) -> None:
        assert free_spans(RECIPE, SPANS) == SPANS

    def test_what_a_trick_fixed_is_not_searched(self) -> None:
        """Drawing it would change nothing, and the report would name a decay that nobody used."""
        assert set(free_spans(RECIPE | WeightDecay(0.1), SPANS)) == {"learning_rate"}

    def test_what_a_trick_scales_is(self) -> None:
        assert free_spans(RECIPE | LinearScaling(), SPANS) == SPANS


def test_end_to_end_and_found_again(tiny_images: Data) -> None:
    told: list[int] = []
    trainer = Remembering()
    options = {"trials": 3, "range_steps": 12, "trainer": trainer}
    tuning = tune(RECIPE, tiny_images, on_trial=lambda number, _: told.append(number), **options)
    assert told == [0, 1, 2]
    assert [finding.id for finding in tuning.report.findings] == ["learning_rate_range", "hyperparameters"]
    assert all(finding.level == "note" for finding in tuning.report.findings)
    assert Report.from_dict(tuning.report.to_dict()) == tuning.report
    assert tune(RECIPE, tiny_images, **options).recipe == tuning.recipe
    assert trainer.anew == 3


def test_a_rate_that_explodes_is_mended(tiny_table: Data) -> None:
    recipe = Recipe(model=MLP(hidden=(8,)), loss=MeanSquaredError(), optimizer=SGD(learning_rate=1e9), batch_size=8,
                    epochs=5)  # fmt: skip
    tuning = tune(recipe, tiny_table, trials=4, range_steps=60)
    assert tuning.recipe.optimizer.learning_rate < 10.0
