"""The live line of a tuning: it counts settings, of all that are planned, and tells the time that their work takes."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from assay.data.data import Data
from assay.models.mlp import MLP
from assay.optimizers import AdamW
from assay.recipe import Recipe
from assay.stages.session import Session
from assay.stages.tuning_watch import SearchWatch
from assay.trial import in_turn, measure_on
from assay.tuning.halving import cost_of_halving
from assay.tuning.search import Bench
from assay.tuning.searched import Searched
from assay.tuning.space import Span
from assay.tuning.thorough import Plan, tune_thoroughly

RATES = Span(1e-6, 1e-1, log=True)


@pytest.fixture
def session() -> Any:
    """One of which nothing is there but the time that is used."""
    made = object.__new__(Session)
    object.__setattr__(made, "budget", SimpleNamespace(used=0.0))
    return made


def searched(rate: float, value: float = 0.9, share: float = 1.0) -> Searched:
    return Searched({"learning_rate": rate}, value, 0.5, share < 1, share)


def test_by_hand(session: Any) -> None:
    watch = SearchWatch(session, 25, 17.0)
    assert watch.text() == "0 of about 25 settings tried"
    session.budget.used = 10.0
    watch.trial(0, searched(0.1, 0.9))
    watch.trial(1, searched(0.2, 0.8, share=0.25))
    assert watch.text() == "2 of about 25 settings tried, best 0.9000, 126 s of search left"


def test_a_setting_that_goes_on_is_the_same_setting(session: Any) -> None:
    """Nine settings by halving were told as 13, and no time was left before their second round."""
    watch, cost = SearchWatch(session, 9, cost_of_halving(9)), cost_of_halving(9)
    for number in range(9):
        watch.trial(number, searched(number, share=1 / 9))
    session.budget.used = 9.0
    assert watch.text().startswith("9 of about 9 settings tried, ")
    assert watch.text().endswith(f"{9 * (cost - 1):.0f} s of search left")
    for number in range(3):
        watch.trial(9 + number, searched(number, share=1 / 3))
    watch.trial(12, searched(0))
    assert watch.text().startswith("9 of about 9 settings tried, ")
    assert watch.text().endswith(" 0 s of search left")


def test_after_a_stop_time_is_told_by_what_this_sitting_trained(session: Any) -> None:
    """Trials found again counted as done in no time: with ten of them there were 0 s left after the eleventh."""
    watch = SearchWatch(session, 25, 20.0)
    for number in range(10):
        session.budget.used += 0.1
        watch.trial(number, replace(searched(number), found_again=True))
    session.budget.used += 3.0
    assert watch.text() == "10 of about 25 settings tried, best 0.9000"
    session.budget.used += 5.0
    watch.trial(10, searched(10))
    assert watch.text() == "11 of about 25 settings tried, best 0.9000, 72 s of search left"


def test_of_a_training_that_goes_on_after_a_stop_only_the_rest_was_trained_now(session: Any) -> None:
    watch = SearchWatch(session, 9, 3.0)
    watch.trial(0, replace(searched(0, share=1 / 3), found_again=True))
    session.budget.used = 10.0
    watch.trial(1, searched(0))
    assert watch.text().endswith(", 30 s of search left")


@pytest.mark.parametrize("halving", [False, True])
@pytest.mark.parametrize("search", ["random", "tpe"])
def test_a_search_comes_to_as_many_as_were_planned(search: str, halving: bool, tiny_images: Data, session: Any) -> None:
    recipe = Recipe(model=MLP(hidden=(8,)), optimizer=AdamW(learning_rate=1e-2), batch_size=8, epochs=2)
    plan = Plan({"learning_rate": RATES}, finds_rate=False, search=search, halving=halving, trials=9, final_seeds=2,
                judging_seeds=0)  # fmt: skip
    watch = SearchWatch(session, 10, plan.cost_before + plan.cost_of_search)
    bench = Bench(recipe, tiny_images, on_trial=watch.trial)
    tune_thoroughly(recipe, tiny_images, in_turn(measure_on(tiny_images)), plan, bench=bench)
    assert watch.text().startswith("10 of about 10 settings tried, best ")
