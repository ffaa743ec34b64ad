import pytest
import torch

from assay.optimizers import SGD, Adam
from assay.recipe import Recipe, RecipeError
from assay.schedule import Clock
from assay.tricks.schedule.one_cycle import OneCycle, one_cycle


def test_first_peak_and_last():
    schedule = (Recipe() | OneCycle()).learning_rate_schedule
    assert schedule is not None
    assert schedule(Clock(0, 100, 10)) == pytest.approx(1 / 25)
    assert schedule(Clock(15, 100, 10)) == pytest.approx((0.04 + 1) / 2)
    assert schedule(Clock(30, 100, 10)) == 1.0
    assert schedule(Clock(65, 100, 10)) == pytest.approx((1 + 1e-4) / 2)
    assert schedule(Clock(100, 100, 10)) == pytest.approx(1e-4)
    assert 1e-4 < schedule(Clock(99, 100, 10)) < 1e-3


def test_linear_by_hand():
    parts = {"first": 0.0, "peak": 2.0, "end": 0.5, "peak_progress": 0.4, "shape": "linear"}
    found = [one_cycle(Clock(step, 10, 5), **parts) for step in (0, 2, 4, 7, 10)]
    assert found == pytest.approx([0.0, 1.0, 2.0, 1.25, 0.5])


@pytest.mark.parametrize(("shape", "strategy"), [("cosine", "cos"), ("linear", "linear")])
def test_agrees_with_torch(shape, strategy):
    """Torch puts its ends on the first and last step, so its total is one step longer than ours."""
    total, peak_progress = 50, 0.3
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0, momentum=0.9)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=1.0, total_steps=total + 1, pct_start=(peak_progress * total + 1) / (total + 1),
        anneal_strategy=strategy, div_factor=25.0, final_div_factor=400.0, base_momentum=0.85, max_momentum=0.95,
    )  # fmt: skip
    recipe = Recipe(optimizer=SGD(momentum=0.9)) | OneCycle(momentum=(0.95, 0.85), end_factor=1e-4, shape=shape)
    rate, momentum = recipe.learning_rate_schedule, recipe.momentum_schedule
    assert rate is not None
    assert momentum is not None
    for step in range(total):
        clock = Clock(step, total, 10)
        assert rate(clock) == pytest.approx(scheduler.get_last_lr()[0], rel=1e-6)
        assert 0.9 * momentum(clock) == pytest.approx(optimizer.param_groups[0]["momentum"], rel=1e-6)
        optimizer.step()
        scheduler.step()


def test_momentum_values_are_turned_into_factors_of_the_optimizers_own():
    """0.9 * 95/90 = 0.95 at both ends, 0.9 * 85/90 = 0.85 at the peak; also after the optimizer changed."""
    recipe = Recipe(optimizer=Adam(momentum=0.9)) | OneCycle(momentum=(0.95, 0.85))
    for optimizer in (Adam(momentum=0.9), SGD(momentum=0.5)):
        schedule = recipe.change(optimizer=optimizer).momentum_schedule
        assert schedule is not None
        used = [optimizer.momentum * schedule(Clock(step, 100, 10)) for step in (0, 30, 100)]
        assert used == pytest.approx([0.95, 0.85, 0.95])


def test_peak_at_the_start_is_a_plain_decay():
    parts = {"first": 0.0, "peak": 1.0, "end": 0.0, "peak_progress": 0.0, "shape": "linear"}
    assert [one_cycle(Clock(step, 4, 2), **parts) for step in range(4)] == [1.0, 0.75, 0.5, 0.25]


def test_refusals():
    with pytest.raises(ValueError, match="start_factor must be finite and at least 0, got -1"):
        OneCycle(start_factor=-1.0)
    with pytest.raises(ValueError, match=r"peak_progress must be in \[0, 0.99\], got 1.5"):
        OneCycle(peak_progress=1.5)
    with pytest.raises(ValueError, match="momentum must be in"):
        OneCycle(momentum=(1.2, 0.85))
    with pytest.raises(ValueError, match="shape must be one of cosine, linear, got 'square'"):
        OneCycle(shape="square")
    with pytest.raises(RecipeError, match="OneCycle needs an optimizer with momentum"):
        Recipe(optimizer=SGD(momentum=0.0)) | OneCycle(momentum=(0.95, 0.85))
