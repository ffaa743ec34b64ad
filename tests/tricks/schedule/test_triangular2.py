import pytest
import torch

from assay.recipe import Recipe
from assay.schedule import Clock
from assay.tricks.schedule.triangular2 import Triangular2


def used(trick: Triangular2, steps: int, steps_per_epoch: int = 2) -> list[float]:
    schedule = (Recipe() | trick).learning_rate_schedule
    assert schedule is not None
    return [schedule(Clock(step, steps, steps_per_epoch)) for step in range(steps)]


def test_first_boundary_and_last_by_hand():
    """Half a cycle is 1 epoch of 2 steps; the second cycle is half as high."""
    assert used(Triangular2(0.2, 1.0, 1.0), 8) == pytest.approx([0.2, 0.6, 1.0, 0.6, 0.2, 0.4, 0.6, 0.4])


def test_agrees_with_torch():
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    scheduler = torch.optim.lr_scheduler.CyclicLR(
        optimizer, 0.001, 0.006, step_size_up=20, cycle_momentum=False, mode="triangular2", gamma=0.99
    )
    for factor in used(Triangular2(1 / 6, 1.0, 10.0), 130):
        assert 0.006 * factor == pytest.approx(scheduler.get_last_lr()[0], rel=1e-6)
        optimizer.step()
        scheduler.step()


def test_the_default_starts_and_ends_a_cycle_at_a_sixth():
    found = used(Triangular2(step_epochs=4.0), 17)
    assert found[0] == found[16] == pytest.approx(1 / 6)
    assert max(found) == found[8]


def test_equal_bounds_are_constant():
    assert used(Triangular2(low_factor=1.0), 20) == [1.0] * 20


def test_refusals():
    with pytest.raises(ValueError, match="low_factor must be finite and at least 0, got -1"):
        Triangular2(low_factor=-1.0)
    with pytest.raises(ValueError, match="peak_factor must be finite and at least 2, got 1"):
        Triangular2(low_factor=2.0)
    with pytest.raises(ValueError, match="step_epochs must be finite and at least 1e-06, got 0"):
        Triangular2(step_epochs=0.0)
