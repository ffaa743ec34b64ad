"""How a budget becomes a tuning, and what is said where it does not."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.errors import InputError
from assay.models.mlp import MLP
from assay.planning import FEWEST_STEPS, Speed, plan_range_test
from assay.recipe import Recipe
from assay.stages.tuning_budget import FEWEST_TRIALS, MOST_TRIALS, USUAL_TRIALS, Sizes, plan_tuning, work_of
from assay.tuning.space import Span
from assay.tuning.thorough import FINALISTS, Plan

PLAN = Plan({"weight_decay": Span(1e-5, 1e-1, log=True)})
RECIPE = Recipe(model=MLP(), batch_size=50, epochs=10.0)
SIZES = Sizes(train=5000, validation=1000)
SPEED = Speed(step=1e-3, evaluation=1e-6)


def test_cost_by_hand() -> None:
    """Own and four of the bracket, 20 trials of which poor ones stop early, three on three seeds, two on five."""
    assert PLAN.cost == pytest.approx(1 + 4 + 0.6 * 20 + 3 * 3 + 2 * 5)
    assert Plan({}, finds_rate=False, trials=27, halving=True).cost == pytest.approx(1 + 7 + 9 + 10)
    assert PLAN.share_of_searching(0) == pytest.approx((1 + 4 + 12) / 36)


def test_time_enough_is_the_recipes_own_length_and_more_trials() -> None:
    plan, lengths = plan_tuning(1000.0, SPEED, RECIPE, SIZES, PLAN, trials=None, epochs=None)
    assert (lengths.epochs, lengths.examples) == (10.0, 5000)
    assert plan.trials == MOST_TRIALS
    wanted, _ = plan_tuning(1000.0, SPEED, RECIPE, SIZES, PLAN, trials=7, epochs=None)
    assert wanted.trials == 7


def test_without_a_budget_nothing_is_shortened() -> None:
    plan, lengths = plan_tuning(math.inf, SPEED, RECIPE, SIZES, PLAN, trials=None, epochs=None)
    assert plan == PLAN
    assert (lengths.epochs, lengths.examples, lengths.validation) == (10.0, 5000, 1000)
    assert plan_tuning(math.inf, SPEED, RECIPE, SIZES, PLAN, trials=3, epochs=2.0)[1].epochs == 2.0
    assert plan_range_test(math.inf, SPEED) == 100


def test_little_time_is_shorter_trainings_on_fewer_examples() -> None:
    plan, lengths = plan_tuning(18.0, SPEED, RECIPE, SIZES, PLAN, trials=None, epochs=None)
    assert plan.trials == USUAL_TRIALS
    assert lengths.examples < 5000
    steps = lengths.epochs * (lengths.examples // RECIPE.batch_size)
    assert FEWEST_STEPS <= steps < 1000
    assert lengths.epochs == pytest.approx(6.0, rel=0.1)


def test_less_time_is_fewer_trials_and_seeds() -> None:
    plan, _ = plan_tuning(6.0, SPEED, RECIPE, SIZES, PLAN, trials=None, epochs=None)
    assert (plan.trials, plan.final_seeds, plan.judging_seeds) == (FEWEST_TRIALS, 2, 3)


def test_too_little_time_says_what_it_would_take() -> None:
    with pytest.raises(
        InputError, match=r"too small for the smallest honest tuning: 22 trainings of 200 steps"
    ) as told:
        plan_tuning(1.0, SPEED, RECIPE, SIZES, PLAN, trials=None, epochs=None)
    (asked,) = re.findall(r"--budget (\d+)s", str(told.value))
    assert plan_tuning(0.95 * float(asked), SPEED, RECIPE, SIZES, PLAN, trials=None, epochs=None)


def test_what_was_asked_is_kept_or_refused() -> None:
    with pytest.raises(InputError, match=r"give at least --budget \d+s, fewer --trials, fewer --epochs"):
        plan_tuning(5.0, SPEED, RECIPE, SIZES, PLAN, trials=30, epochs=10.0)
    plan, lengths = plan_tuning(100.0, SPEED, RECIPE, SIZES, PLAN, trials=30, epochs=10.0)
    assert (plan.trials, lengths.epochs, lengths.examples) == (30, 10.0, 5000)


@given(
    seconds=st.floats(1.0, 1e4), step=st.floats(1e-4, 0.5), evaluation=st.floats(1e-7, 1e-3),
    train=st.integers(100, 100_000), rounds=st.integers(1, 3),
)  # fmt: skip
def test_a_plan_keeps_to_its_time(seconds: float, step: float, evaluation: float, train: int, rounds: int) -> None:
    speed, sizes = Speed(step, evaluation), Sizes(train, 1000)
    try:
        plan, lengths = plan_tuning(seconds, speed, RECIPE, sizes, Plan(PLAN.space, rounds=rounds), trials=None,
                                    epochs=None)  # fmt: skip
    except InputError:
        return
    steps = max(1, round(lengths.epochs * (lengths.examples // RECIPE.batch_size)))
    looking = work_of(plan).looks * evaluation * lengths.validation
    assert plan.cost * steps * step + looking <= 1.05 * seconds + plan.cost * step
    assert FINALISTS * plan.final_seeds >= 6
