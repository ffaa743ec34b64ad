"""Trainings whose rate is known to be low, right or high are told apart by their curves."""

from dataclasses import replace

import numpy as np
import pytest
from simulated import SCHEDULES, simulate

from assay.advice.loss_shape import FEWEST, judge
from assay.finding import Finding, Skipped


def told(curves) -> Finding:
    found = judge(curves)
    assert isinstance(found, Finding)
    assert found.level == "note"
    return found


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("rate", [0.03, 0.3, 1.0])
@pytest.mark.parametrize("total", [200, 2000])
def test_healthy_rates_ask_for_nothing(seed: int, schedule: str, rate: float, total: int):
    found = told(simulate(rate, seed=seed, schedule=schedule, total=total, loss_noise=0.05))
    assert not found.fix, found.summary
    assert "The loss fell from" in found.summary


@pytest.mark.parametrize("noise", [0.02, 0.05])
def test_a_straight_line_to_the_end_is_a_low_rate(seed: int, noise: float):
    found = told(simulate(1e-4, seed=seed, decades=0.3, loss_noise=noise))
    assert "straight line" in found.summary
    assert "Raise the learning rate" in found.fix
    assert 0.5 < found.evidence["steepness"] < 1.2


def test_a_line_is_straight_from_the_end_of_the_warm_up_on(seed: int):
    curves = simulate(1e-4, seed=seed, decades=0.3, loss_noise=0.02)
    rising = np.minimum(1.0, (curves.steps + 1) / 200) * curves.rates
    assert "Raise" in told(replace(curves, rates=rising)).fix


@pytest.mark.parametrize("schedule", ["cosine", "one cycle", "steps"])
def test_a_line_that_a_schedule_bent_is_not_judged(seed: int, schedule: str):
    assert "Raise" not in told(simulate(1e-4, seed=seed, decades=0.3, loss_noise=0.02, schedule=schedule)).fix


@pytest.mark.parametrize("rate", [1e-7, 1.9])
def test_a_flat_line_that_learned_nothing_asks_for_a_range_test(seed: int, rate: float):
    """Far too low, and so high that noise keeps the loss where it began."""
    noise = 1.3 if rate > 1 else 0.1
    found = told(simulate(rate, seed=seed, gradient_noise=noise))
    assert "range test" in found.fix
    assert "flat" in found.summary


def test_a_flat_line_of_a_network_that_has_learned_is_no_fault(seed: int):
    """It began where it ended, as from trained weights."""
    curves = simulate(1e-7, seed=seed, start=0.31)
    assert not told(replace(curves, chance=0.5)).fix
    assert not told(replace(curves, chance=None)).fix, "nothing is known of what is learned"


@pytest.mark.parametrize("rate", [1.0, 1.7])
def test_stuck_until_the_rate_goes_down_is_a_high_rate(seed: int, rate: float):
    found = told(simulate(rate, seed=seed, schedule="steps", gradient_noise=1.0))
    assert "Lower the highest rate" in found.fix
    assert found.evidence["after"] > found.evidence["before"]


def test_the_usual_gain_of_a_lower_rate_is_no_fault(seed: int):
    """Noise that a tenth of the rate takes away, after most was learned at the full one."""
    found = told(simulate(1.0, seed=seed, schedule="steps", gradient_noise=0.35))
    assert not found.fix, found.summary


def test_too_few_points_say_nothing(seed: int):
    found = judge(simulate(0.3, seed=seed, total=20))
    assert isinstance(found, Skipped)
    assert f"20 recorded losses, {FEWEST} needed" in found.reason
    assert isinstance(judge(simulate(2.5, seed=seed)), Skipped)


def test_the_curves_are_drawn_with_the_rate(seed: int):
    loss, rate = told(simulate(0.3, seed=seed, schedule="cosine")).figures
    assert [series.name for series in loss.series] == ["mini-batch", "running median", "validation"]
    assert loss.log_y
    assert rate.series[0].y[0] == pytest.approx(0.3)
