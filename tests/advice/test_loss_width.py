"""Batches too small to show an epoch's progress, and curves that are noisy where they may be."""

from dataclasses import replace

import pytest
from simulated import SCHEDULES, sample, simulate

from assay.advice.loss_width import judge
from assay.finding import Finding, Skipped


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("rate", [0.03, 0.5])
def test_a_curve_that_is_all_noise_at_its_end_is_no_fault(seed: int, schedule: str, rate: float):
    found = judge(simulate(rate, seed=seed, schedule=schedule))
    assert isinstance(found, Finding)
    assert not found.fix, found.summary


def wide(seed: int):
    """Four steps an epoch of batches of one, over 500 epochs."""
    return simulate(0.02, seed=seed, batch=1, steps_per_epoch=4, floor=0.1, start=3.0)


def test_single_examples_ask_for_larger_batches(seed: int):
    found = judge(wide(seed))
    assert isinstance(found, Finding)
    assert "Double the batch size" in found.fix
    assert found.evidence["noise"] == pytest.approx(0.8, rel=0.25)


def test_long_steps_ask_for_a_smaller_rate(seed: int):
    samples = tuple(sample(step, update_ratios={"weight": 0.1}) for step in range(0, 2000, 100))
    found = judge(replace(wide(seed), samples=samples))
    assert isinstance(found, Finding)
    assert "Halve the learning rate" in found.fix


@pytest.mark.parametrize(("rate", "total", "reason"), [
    (0.5, 20, "too few points"), (1e-7, 2000, "does not fall"), (2.5, 2000, "not finite"),
])  # fmt: skip
def test_what_cannot_be_judged_is_left_out(seed: int, rate: float, total: int, reason: str):
    found = judge(simulate(rate, seed=seed, total=total))
    assert isinstance(found, Skipped)
    assert reason in found.reason


def test_a_straight_line_is_for_another_rule(seed: int):
    found = judge(simulate(1e-4, seed=seed, decades=0.3, loss_noise=0.02))
    assert isinstance(found, Skipped)
    assert "straight line" in found.reason
