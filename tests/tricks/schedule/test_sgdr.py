import math

import pytest
import torch

from assay.recipe import Recipe
from assay.schedule import Clock
from assay.tricks.schedule.sgdr import SGDR


def used(trick: SGDR, steps: int, steps_per_epoch: int) -> list[float]:
    schedule = (Recipe() | trick).learning_rate_schedule
    assert schedule is not None
    return [schedule(Clock(step, steps, steps_per_epoch)) for step in range(steps)]


def test_first_boundary_and_last_by_hand():
    """Periods of 1 and 2 epochs of 4 steps: restarts at steps 4 and 12."""
    found = used(SGDR(period_epochs=1.0), 16, 4)
    assert found[0] == found[4] == found[12] == 1.0
    assert found[2] == found[8] == pytest.approx(0.5)
    assert found[3] == pytest.approx((1 + math.cos(0.75 * math.pi)) / 2)
    assert found[11] == pytest.approx((1 + math.cos(0.875 * math.pi)) / 2)
    assert found[15] == pytest.approx((1 + math.cos(3 / 16 * math.pi)) / 2)


@pytest.mark.parametrize(("period", "multiplier"), [(10, 2), (7, 1), (1, 3)])
def test_agrees_with_torch(period, multiplier):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(optimizer, period, multiplier, eta_min=0.05)
    for factor in used(SGDR(period, multiplier, floor=0.05), 80, 1):
        assert factor == pytest.approx(scheduler.get_last_lr()[0])
        optimizer.step()
        scheduler.step()


def test_floor_1_is_constant():
    assert used(SGDR(1.0, floor=1.0), 20, 3) == [1.0] * 20


def test_refusals():
    with pytest.raises(ValueError, match="period_epochs must be finite and at least 1e-06, got 0"):
        SGDR(period_epochs=0.0)
    with pytest.raises(ValueError, match=r"multiplier must be finite and at least 1, got 0.5"):
        SGDR(multiplier=0.5)
    with pytest.raises(ValueError, match=r"floor must be in \[0, 1\], got 2"):
        SGDR(floor=2.0)
