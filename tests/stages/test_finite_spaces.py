"""A space with few settings is planned as those few: in trials, in time, and on the live line."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from assay.data.data import Data
from assay.errors import InputError
from assay.models.mlp import MLP
from assay.optimizers import AdamW
from assay.planning import Speed
from assay.recipe import Recipe
from assay.stages import search as stage
from assay.stages.own_search import tune
from assay.stages.search import TuningAsked, read_plan
from assay.stages.tuning_budget import FEWEST_TRIALS, USUAL_TRIALS, Sizes, plan_tuning, work_of
from assay.stages.tuning_watch import SearchWatch
from assay.tuning.plan import Plan
from assay.tuning.space import Choice, Span
from assay.tuning.strategy import grid_settings

RECIPE = Recipe(model=MLP(hidden=(8,)), optimizer=AdamW(learning_rate=1e-3), batch_size=8, epochs=2)
BATCHES = {"batch_size": Choice((4, 8))}
SIZES, SPEED = Sizes(train=5000, validation=1000), Speed(step=1e-3, evaluation=1e-6)


def plan(space: Any, **options: Any) -> Plan:
    return Plan(space, finds_rate=False, **options)


@pytest.mark.parametrize("search", ["grid", "random", "tpe"])
def test_two_settings_are_two(search: str) -> None:
    asked = read_plan(TuningAsked(search=search, over=("batch_size=32,64",)), RECIPE)
    assert asked.settings == 2
    assert asked.cost_of_search == pytest.approx(0.6 * 2)
    assert replace(asked, halving=True).cost_of_search == 2


@pytest.mark.parametrize(
    ("space", "search", "settings"),
    [
        (BATCHES | {"MLP.hidden": Choice(((4,), (8,), (4,)))}, "random", 4),
        ({"batch_size": Span(3, 9, whole=True)}, "tpe", 7),
        ({"batch_size": Span(3, 9, whole=True)}, "grid", 7),
        ({"weight_decay": Span(1e-5, 1e-1, log=True), **BATCHES}, "random", 20),
        ({"weight_decay": Span(1e-5, 1e-1, log=True), "learning_rate": Span(1e-4, 1e-1, log=True)}, "grid", 20),
        ({"weight_decay": Span(1e-5, 1e-1, log=True), "MLP.hidden": Choice(((4,), (8,), (16,)))}, "grid", 18),
    ],
)
def test_what_there_is_by_hand(space: Any, search: str, settings: int) -> None:
    made = plan(space, search=search)
    assert made.settings == settings
    if search == "grid":
        assert len(grid_settings(space, made.trials)) == settings


def test_a_rate_whose_bounds_are_to_be_found_has_no_end_of_settings() -> None:
    found = Plan(BATCHES, finds_rate=True)
    assert (found.settings, found.most_settings({"batch_size": 8})) == (USUAL_TRIALS, 25)
    assert Plan(BATCHES, finds_rate=True, search="grid").settings == USUAL_TRIALS


def test_own_settings_in_the_space_are_not_counted_twice() -> None:
    assert plan(BATCHES).most_settings({"batch_size": 8}) == 2
    assert plan(BATCHES).most_settings({"batch_size": 16}) == 3
    assert plan(BATCHES, rounds=3).most_settings({"batch_size": 16}) == 3


@pytest.mark.parametrize("search", ["grid", "random"])
def test_the_time_of_settings_that_do_not_exist_is_given_to_trainings(search: str) -> None:
    """Twenty settings were planned for two, in trainings half as long as there is time for."""
    recipe = RECIPE.change(batch_size=50, epochs=10.0)
    made, lengths = plan_tuning(22.5, SPEED, recipe, SIZES, plan(BATCHES, search=search), trials=None, epochs=None)
    assert made.settings == 2
    assert (lengths.epochs, lengths.examples) == (10.0, 5000)
    endless = plan({"weight_decay": Span(1e-5, 1e-1, log=True)})
    assert plan_tuning(22.5, SPEED, recipe, SIZES, endless, trials=None, epochs=None)[1].epochs < 10.0
    assert work_of(made).looks < work_of(endless).looks


@pytest.mark.parametrize("search", ["grid", "random"])
def test_with_time_to_spare_there_are_no_more_trials_than_settings(search: str) -> None:
    made, _ = plan_tuning(1e6, SPEED, RECIPE, SIZES, plan(BATCHES, search=search), trials=None, epochs=None)
    assert (made.trials, made.settings) == (USUAL_TRIALS, 2)
    squares = {"weight_decay": Span(1e-5, 1e-1, log=True), "learning_rate": Span(1e-4, 1e-1, log=True)}
    made, _ = plan_tuning(1e6, SPEED, RECIPE, SIZES, plan(squares, search="grid"), trials=None, epochs=None)
    assert made.trials == made.settings == 56  # 7 x 8


def test_a_grid_that_eight_trials_do_not_make_keeps_its_own_in_little_time() -> None:
    """It was planned with eight, and refused after its range test for trials that nobody had asked for."""
    grid = plan({"batch_size": Choice(tuple(range(1, 13)))}, search="grid")
    assert FEWEST_TRIALS < 12
    least = replace(grid, trials=12, final_seeds=2, judging_seeds=3)
    seconds = 1.1 * work_of(least).seconds(200, SPEED, 200)
    recipe = RECIPE.change(batch_size=50, epochs=10.0)
    made, _ = plan_tuning(seconds, SPEED, recipe, SIZES, grid, trials=None, epochs=None)
    assert (made.trials, made.settings, made.final_seeds) == (12, 12, 2)
    with pytest.raises(InputError, match="12 settings a round"):
        plan_tuning(seconds / 10, SPEED, recipe, SIZES, grid, trials=None, epochs=None)


@pytest.mark.parametrize("search", ["grid", "random"])
@pytest.mark.parametrize(("over", "counted"), [("batch_size=4,8", 2), ("batch_size=4,16", 3)])
def test_the_live_line_ends_with_all_tried_and_no_time_left(
    search: str, over: str, counted: int, tiny_images: Data, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ended at "2 of about 21 settings tried", with most of the time left."""
    monkeypatch.setenv("ASSAY_DATABASE", f"sqlite:///{tmp_path / 'trials.db'}")
    made: list[SearchWatch] = []

    class Watch(SearchWatch):
        def __init__(self, *given: Any) -> None:
            super().__init__(*given)
            made.append(self)

    monkeypatch.setattr(stage, "SearchWatch", Watch)
    tune(RECIPE, tiny_images, search=search, over=(over,))
    (watch,) = made
    assert watch.text().startswith(f"{counted} of about {counted} settings tried, best ")
    assert watch.text().endswith(", 0 s of search left")
    assert math.isfinite(watch.trainings)
