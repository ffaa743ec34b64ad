import pytest
import torch

from assay.recipe import Recipe
from assay.schedule import Clock
from assay.tricks.schedule.exp_range import ExpRange


def used(trick: ExpRange, steps: int, steps_per_epoch: int = 2) -> list[float]:
    schedule = (Recipe() | trick).learning_rate_schedule
    assert schedule is not None
    return [schedule(Clock(step, steps, steps_per_epoch)) for step in range(steps)]


def test_first_boundary_and_last_by_hand():
    """Half a cycle is 1 epoch of 2 steps; the height halves in every step."""
    found = used(ExpRange(0.0, 1.0, 1.0, gamma=0.5), 8)
    assert found == pytest.approx([0.0, 0.25, 0.25, 0.0625, 0.0, 0.5**6, 0.5**6, 0.5**8])


def test_agrees_with_torch():
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    scheduler = torch.optim.lr_scheduler.CyclicLR(
        optimizer, 0.001, 0.006, step_size_up=20, cycle_momentum=False, mode="exp_range", gamma=0.99
    )
    for factor in used(ExpRange(1 / 6, 1.0, 10.0, gamma=0.99), 130):
        assert 0.006 * factor == pytest.approx(scheduler.get_last_lr()[0], rel=1e-6)
        optimizer.step()
        scheduler.step()


def test_the_default_starts_and_ends_a_cycle_at_a_sixth():
    found = used(ExpRange(step_epochs=4.0), 17)
    assert found[0] == found[16] == pytest.approx(1 / 6)
    assert max(found) == found[8]


def test_equal_bounds_are_constant():
    assert used(ExpRange(low_factor=1.0), 20) == [1.0] * 20


def test_refusals():
    with pytest.raises(ValueError, match="low_factor must be finite and at least 0, got -1"):
        ExpRange(low_factor=-1.0)
    with pytest.raises(ValueError, match="peak_factor must be finite and at least 2, got 1"):
        ExpRange(low_factor=2.0)
    with pytest.raises(ValueError, match=r"gamma must be in \[1e-12, 1\], got 2"):
        ExpRange(gamma=2.0)
    with pytest.raises(ValueError, match="step_epochs must be finite and at least 1e-06, got 0"):
        ExpRange(step_epochs=0.0)
