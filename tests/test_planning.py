"""Plans keep to the seconds they are given, whatever machine and data they are for."""

from collections.abc import Callable
from itertools import pairwise

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from assay.data.data import Data
from assay.models.mlp import MLP
from assay.planning import (
    SHARES,
    ComparisonPlan,
    LongPlan,
    Speed,
    choose_threads,
    long_steps,
    measure_speed,
    plan_ablation,
    plan_long,
    plan_range_test,
    plan_search,
    reserve_seconds,
    stage_seconds,
)
from assay.recipe import Recipe

# From a perceptron on a fast machine to a deep network on a slow one.
speeds = st.builds(Speed, step=st.floats(1e-4, 2.0), evaluation=st.floats(1e-7, 1e-2))
seconds = st.floats(1.0, 1e5)
batch_sizes = st.sampled_from([16, 32, 64, 128])
sizes = st.integers(20, 1_000_000)


def steps_of(plan: ComparisonPlan, batch_size: int) -> float:
    return plan.epochs * max(1, plan.examples // batch_size)


@given(seconds, speeds, batch_sizes, sizes, sizes, st.integers(1, 20))
def test_an_ablation_fits_its_time_and_its_data(given_seconds, speed, batch_size, examples, validation, candidates):
    plan = plan_ablation(
        given_seconds, speed, batch_size=batch_size, examples=examples, validation=validation, candidates=candidates
    )
    assert plan.seeds >= 2, "one seed cannot tell an effect from luck"
    assert 1 <= plan.candidates <= candidates
    assert 1 <= plan.examples <= examples
    assert 1 <= plan.validation <= validation
    steps = steps_of(plan, batch_size)
    assert steps >= 19
    # At the fewest steps worth taking it may be late: then `time_is_left` leaves recipes out.
    assume(steps > 21)
    each = steps * speed.step + plan.validation * speed.evaluation
    assert plan.seeds * (1 + plan.candidates) * each <= given_seconds


@given(speeds, batch_sizes, st.integers(2, 20))
def test_more_time_never_means_fewer_tricks(speed: Speed, batch_size: int, candidates: int):
    plans = [
        plan_ablation(wide, speed, batch_size=batch_size, examples=50_000, validation=5_000, candidates=candidates)
        for wide in (10.0, 100.0, 1_000.0, 1e4, 1e6, 1e8)
    ]
    kept = [plan.candidates for plan in plans]
    assert kept == sorted(kept)
    assert kept[-1] == candidates
    longest = [plan.candidates * steps_of(plan, batch_size) for plan in plans]
    # Whole epochs of whole batches round a little.
    assert all(later >= 0.9 * earlier for earlier, later in pairwise(longest))


@given(seconds, speeds, batch_sizes, st.floats(0.5, 50.0), st.integers(32, 50_000), st.integers(10, 4_000))
def test_a_search_fits_its_time(given_seconds, speed, batch_size, epochs, examples, validation):
    plan = ComparisonPlan(candidates=5, seeds=3, examples=examples, epochs=epochs, validation=validation)
    trials = plan_search(given_seconds, speed, plan, batch_size=batch_size)
    assert trials >= 3, "fewer settings are no search"
    assume(trials > 3)
    # Pruning saves about a fifth.
    assert 0.8 * trials * steps_of(plan, batch_size) * speed.step <= given_seconds


@given(st.floats(1.0, 1e6), speeds, st.integers(1, 10_000))
def test_the_long_trainings_share_what_is_left(given_seconds: float, speed: Speed, steps_per_epoch: int):
    plan = plan_long(given_seconds, speed, steps_per_epoch=steps_per_epoch)
    assert plan.members >= 1
    names = plan.names()
    assert len(names) == plan.members + plan.distil
    left, spent = given_seconds, []
    for name in names:
        spent.append(plan.share(name) * left)
        left -= spent[-1]
    assert left == pytest.approx(0.0, abs=1e-6 * given_seconds)
    members = spent[: plan.members]
    assert members == pytest.approx([members[0]] * plan.members), "members are equals"
    assert plan.share(names[-1]) == 1.0


@given(speeds, st.integers(1, 1_000))
def test_more_time_never_means_fewer_members(speed: Speed, steps_per_epoch: int):
    plans = [plan_long(10.0**power, speed, steps_per_epoch=steps_per_epoch) for power in range(9)]
    counts = [len(plan.names()) for plan in plans]
    assert counts == sorted(counts)


def test_an_ensemble_of_one_has_no_student():
    """Distilling one network into itself is a longer training with another name."""
    plan = plan_long(0.001, Speed(1.0, 1e-3), steps_per_epoch=1000)
    assert plan == LongPlan(1, False)


@given(seconds, speeds, st.integers(1, 100_000), st.floats(1.0, 4.0))
def test_a_long_training_fits_with_its_looks(given_seconds: float, speed: Speed, validation: int, weight: float):
    steps, looks = long_steps(given_seconds, speed, validation=validation, weight=weight)
    assert steps >= 1
    assert looks >= 1
    assume(steps > 1)
    assert steps * speed.step * weight + looks * speed.evaluation * validation <= given_seconds * (1 + 1e-9)


@given(st.floats(10.0, 1e6))
def test_stages_and_reserve_leave_most_of_the_budget_to_the_final_trainings(budget: float):
    early = sum(stage_seconds(stage, budget) for stage in SHARES)
    assert early + reserve_seconds(budget) <= 0.9 * budget
    for stage in SHARES:
        assert 0 < stage_seconds(stage, budget) <= stage_seconds(stage, 2 * budget)


# Measuring


@pytest.fixture
def recipe() -> Recipe:
    return Recipe(MLP((8,)), batch_size=8)


@pytest.mark.usefixtures("random_state_untouched")
@pytest.mark.parametrize("measure", [measure_speed, choose_threads])
def test_measuring_leaves_no_trace(measure: Callable, recipe: Recipe, tiny_images: Data):
    threads, before = torch.get_num_threads(), tiny_images.train.inputs.clone()
    measure(recipe, tiny_images, seconds=0.05)
    assert torch.get_num_threads() == threads
    assert torch.equal(tiny_images.train.inputs, before)


def test_measured_speed_is_seconds(recipe: Recipe, tiny_images: Data):
    speed = measure_speed(recipe, tiny_images, seconds=0.05)
    assert 1e-6 < speed.step < 10.0
    assert 1e-9 < speed.evaluation < 10.0


def test_a_range_test_takes_a_third_of_its_time_but_enough_steps_for_a_curve():
    assert plan_range_test(30.1, Speed(step=0.2, evaluation=0.0)) == 50
    assert plan_range_test(3000.0, Speed(step=0.2, evaluation=0.0)) == 100
    assert plan_range_test(1.0, Speed(step=0.2, evaluation=0.0)) == 30


def test_more_seeds_only_where_trainings_are_long_already() -> None:
    speed = Speed(0.01, 1e-5)
    plans = [plan_ablation(seconds, speed, batch_size=64, examples=1150, validation=288, candidates=15)
             for seconds in (30, 100, 300, 500, 10_000)]  # fmt: skip
    assert [plan.seeds for plan in plans] == [3, 3, 5, 8, 12]
    assert all(plan.epochs >= 12 for plan in plans if plan.seeds > 3)
    assert all(plan.candidates == 15 for plan in plans if plan.seeds > 3)
