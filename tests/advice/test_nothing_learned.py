"""Where answers may be no better than a constant one, rate and length come before the network's size."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from measured import not_fitting
from simulated import SCHEDULES, score, simulate

from assay.advice import gap, loss_shape
from assay.advice.counsel import counsel
from assay.advice.curves import Curves, may_be_chance
from assay.advice.judgement import Advised, Fine
from assay.advice.measurements import Measurements
from assay.advice.rules import capacity, learning_rate_shape
from assay.finding import Finding, Skipped

CHANCE = score(0.1, n=288, half=0.035)


def short(losses: np.ndarray, **changes) -> Measurements:
    """A training of so few steps that learned nothing which its scores could tell."""
    n = len(losses)
    base = simulate(0.1, seed=1)
    drawn = Curves(np.arange(float(n)), losses, np.full(n, 1e-6), np.array([float(n)]), np.array([2.3]),
                   np.array([0.1]), np.zeros((1, 0, 1)), (), {"training": CHANCE, "validation": CHANCE},
                   17.0, "accuracy", 0.1)  # fmt: skip
    return not_fitting(**{"curves": replace(base, **vars(drawn)), "training": CHANCE, "validation": CHANCE,
                          "shipped": CHANCE, "findings": {}, **changes})  # fmt: skip


def flat(n: int, seed: int) -> np.ndarray:
    return 2.35 + 0.03 * np.random.default_rng(seed).normal(size=n)


def test_a_short_training_that_is_flat_at_chance_does_not_lead_down(seed: int):
    found = counsel(short(flat(51, seed)))
    steps = next(one for one in found.path.branches if one.question == "Do the steps lead down?")
    assert steps.answer == "no"
    assert found.path.leads_to == "learning_rate_shape"
    assert found.advice[0].command.words[:2] == ("assay", "tune")
    assert "capacity" not in {one.rule for one in found.advice}


def test_one_that_creeps_down_from_chance_is_not_decided_and_its_rate_is_searched_for():
    losses = np.linspace(2.36, 2.28, 51)
    found = counsel(short(losses + 0.005 * np.cos(np.arange(51.0))))
    steps = next(one for one in found.path.branches if one.question == "Do the steps lead down?")
    assert steps.answer == "unknown"
    assert "may be what a constant answer reaches, 0.1: not decided" in steps.measured
    assert found.path.leads_to == "searched_rate"
    assert found.advice[0].command.words[:2] == ("assay", "tune")


def test_ten_steps_tell_nothing_and_are_to_be_more():
    found = counsel(short(flat(10, 1)))
    assert found.path.leads_to == "training_length"
    assert isinstance(learning_rate_shape.judge(short(flat(51, 1))), Advised)


def test_after_a_search_the_size_is_asked_again():
    from measured import finding

    tuned = {"tune.hyperparameters": finding("hyperparameters", trials=20, best={"learning_rate": 5e-3})}
    assert isinstance(capacity.judge(short(flat(51, 1))), Fine)
    assert isinstance(capacity.judge(short(flat(51, 1), findings=tuned)), Advised)
    assert isinstance(capacity.judge(not_fitting()), Advised)


def test_no_larger_network_is_asked_for_by_the_training_itself():
    at_chance = short(flat(51, 1)).curves
    assert at_chance is not None
    found = gap.judge(at_chance)
    assert isinstance(found, Finding)
    assert "before the network's size" in found.fix
    learned = gap.judge(replace(at_chance, scores={"training": score(0.6), "validation": score(0.59)}))
    assert isinstance(learned, Finding)
    assert "larger network" in learned.fix


def test_an_interval_that_holds_chance_is_not_above_it():
    assert may_be_chance(CHANCE, 0.1)
    assert not may_be_chance(score(0.6), 0.1)
    assert not may_be_chance(score(0.6), None)
    assert not may_be_chance(None, 0.1)


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_short_trainings_that_learn_are_not_called_flat(seed: int, schedule: str):
    for offset in range(10):
        found = loss_shape.judge(simulate(0.3, seed=seed + offset, schedule=schedule, total=50))
        assert isinstance(found, Skipped), found
