import pytest
import torch

from assay.recipe import Recipe
from assay.schedule import Clock
from assay.tricks.schedule.step_decay import StepDecay, step_decay


def test_first_boundaries_and_last_of_the_bag_of_tricks():
    """120 epochs of 10 steps: a tenth at epochs 30, 60 and 90."""
    schedule = (Recipe() | StepDecay()).learning_rate_schedule
    assert schedule is not None
    steps = (0, 299, 300, 599, 600, 899, 900, 1199)
    found = [schedule(Clock(step, 1200, 10)) for step in steps]
    assert found == pytest.approx([1, 1, 0.1, 0.1, 0.01, 0.01, 0.001, 0.001])


def test_milestones_fall_on_whole_steps_despite_rounding():
    """0.1 * 30 is 3.0000000000000004 in floating point; the boundary is still step 3."""
    assert step_decay(Clock(2, 30, 10), milestones=(0.1,), factor=0.5) == 1.0
    assert step_decay(Clock(3, 30, 10), milestones=(0.1,), factor=0.5) == 0.5


def test_agrees_with_torch():
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, milestones=[6, 12, 16], gamma=0.2)
    for step in range(20):
        ours = step_decay(Clock(step, 20, 5), milestones=(0.3, 0.6, 0.8), factor=0.2)
        assert ours == pytest.approx(scheduler.get_last_lr()[0])
        optimizer.step()
        scheduler.step()


@pytest.mark.parametrize(("milestones", "factor"), [((), 0.1), ((0.5,), 1.0)])
def test_no_milestones_or_factor_1_is_identity(milestones, factor):
    assert [step_decay(Clock(s, 10, 5), milestones=milestones, factor=factor) for s in range(10)] == [1.0] * 10


def test_refusals():
    with pytest.raises(ValueError, match=r"milestones must be in \[0, 1\], got 30.0; they are shares of the training"):
        StepDecay(milestones=(30.0, 60.0))
    with pytest.raises(ValueError, match="milestones must rise"):
        StepDecay(milestones=(0.5, 0.25))
    with pytest.raises(ValueError, match="factor must be in"):
        StepDecay(factor=10.0)
