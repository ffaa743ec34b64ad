import pytest
import torch

from assay.recipe import Recipe
from assay.schedule import Clock
from assay.tricks.schedule.exponential import Exponential, exponential


def test_first_boundary_and_last_by_hand():
    """Halved every 2 epochs of 5 steps."""
    found = [exponential(Clock(step, 40, 5), decay=0.5, every_epochs=2.0) for step in (0, 10, 15, 40)]
    assert found == pytest.approx([1.0, 0.5, 0.5**1.5, 0.0625])
    stairs = [exponential(Clock(s, 40, 5), decay=0.5, every_epochs=2.0, staircase=True) for s in (0, 9, 10, 19, 39)]
    assert stairs == [1.0, 1.0, 0.5, 0.5, 0.125]


def test_the_default_loses_6_per_cent_in_2_epochs():
    schedule = (Recipe() | Exponential()).learning_rate_schedule
    assert schedule is not None
    assert schedule(Clock(10, 100, 5)) == 0.94
    assert schedule(Clock(50, 100, 5)) == pytest.approx(0.94**5)


def test_agrees_with_torch():
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.9)
    for step in range(30):
        assert exponential(Clock(step, 30, 1), decay=0.9, every_epochs=1.0) == pytest.approx(scheduler.get_last_lr()[0])
        optimizer.step()
        scheduler.step()


def test_decay_1_is_constant():
    assert {exponential(Clock(step, 9, 2), decay=1.0, every_epochs=2.0) for step in range(9)} == {1.0}


def test_refusals():
    with pytest.raises(ValueError, match=r"decay must be in \[1e-12, 1\], got 0"):
        Exponential(decay=0.0)
    with pytest.raises(ValueError, match="every_epochs must be finite and at least 1e-06, got 0"):
        Exponential(every_epochs=0.0)
