"""A loss that overflowed, or rose, is suspect; one that wobbles is not."""

from dataclasses import replace

import numpy as np
import pytest
from simulated import SCHEDULES, simulate

from assay.advice.diverged import judge
from assay.finding import Finding, Skipped


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("total", [20, 200, 2000])
def test_finite_losses_are_told_and_no_more(seed: int, schedule: str, total: int):
    found = judge(simulate(0.5, seed=seed, schedule=schedule, total=total))
    assert isinstance(found, Finding)
    assert (found.level, found.fix) == ("note", "")


def test_an_overflow_names_its_step_and_rate(seed: int):
    curves = simulate(0.5, seed=seed)
    losses = curves.losses.copy()
    losses[100:] = np.nan
    found = judge(replace(curves, losses=losses))
    assert isinstance(found, Finding)
    assert found.level == "suspect"
    assert found.evidence["step"] == curves.steps[100]
    assert "Lower the learning rate tenfold" in found.fix


def test_a_validation_loss_alone_may_break(seed: int):
    curves = simulate(0.5, seed=seed)
    broken = np.where(curves.looks > 1000, np.inf, curves.validation_losses)
    found = judge(replace(curves, validation_losses=broken))
    assert isinstance(found, Finding)
    assert (found.level, found.evidence["step"]) == ("suspect", 1200)


def test_steps_that_lead_up_are_suspect(seed: int):
    found = judge(simulate(2.05, seed=seed, total=400))
    assert isinstance(found, Finding)
    assert found.level == "suspect"
    assert "it rose" in found.summary


def test_a_rise_of_a_network_that_is_good_is_a_note(seed: int):
    """From trained weights on, a regulariser may raise the loss."""
    curves = simulate(0.5, seed=seed)
    found = judge(replace(curves, losses=curves.losses[::-1].copy()))
    assert isinstance(found, Finding)
    assert found.level == "note"
    assert found.fix


def test_no_steps_say_nothing(seed: int):
    curves = simulate(0.5, seed=seed)
    assert isinstance(judge(replace(curves, losses=np.zeros(0))), Skipped)
