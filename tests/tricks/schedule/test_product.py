import pytest
import torch

from assay.optimizers import SGD
from assay.recipe import Recipe, RecipeError
from assay.schedule import Clock, clocks
from assay.tricks.initialisation.filler_init import FillerInit
from assay.tricks.schedule.cosine import Cosine
from assay.tricks.schedule.exponential import Exponential
from assay.tricks.schedule.linear_decay import LinearDecay
from assay.tricks.schedule.product import Product
from assay.tricks.schedule.step_decay import StepDecay
from assay.tricks.schedule.warmup import Warmup


def used(recipe: Recipe, steps: int, steps_per_epoch: int) -> list[float]:
    schedule, rise = recipe.learning_rate_schedule, recipe.learning_rate_warmup
    assert schedule is not None
    moments = clocks(range(steps), total_steps=steps, steps_per_epoch=steps_per_epoch)
    return [schedule(clock) * (rise(clock) if rise else 1.0) for clock in moments]


def test_first_boundary_and_last_by_hand():
    """10 steps of 5 an epoch: a rise over 4 of them times a tenth from step 5 on."""
    found = used(Recipe(epochs=2) | Product((Warmup(0.8), StepDecay((0.5,)))), 10, 5)
    assert found == pytest.approx([0.25, 0.5, 0.75, 1.0, 1.0] + 5 * [0.1])


def test_it_is_what_the_learning_rates_two_slots_make_together():
    parts = (Warmup(2.0), Cosine(floor=0.1))
    assert used(Recipe() | Product(parts), 50, 5) == pytest.approx(used(Recipe() | parts[0] | parts[1], 50, 5))
    assert used(Recipe() | Product((Cosine(2.0),)), 50, 5) == pytest.approx(used(Recipe() | Cosine(2.0), 50, 5))


def test_agrees_with_torch():
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    parts = (
        torch.optim.lr_scheduler.LinearLR(optimizer, start_factor=1.0, end_factor=0.5, total_iters=20),
        torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.8),
    )
    theirs = torch.optim.lr_scheduler.ChainedScheduler(parts)
    for factor in used(Recipe() | Product((LinearDecay(0.5), Exponential(0.8, 1.0))), 20, 1):
        assert factor == pytest.approx(theirs.get_last_lr()[0])
        optimizer.step()
        theirs.step()


def test_momentum_rises_and_decays():
    recipe = Recipe(optimizer=SGD(momentum=0.9)) | Product((Warmup(1.0), LinearDecay(0.0)), of="momentum")
    assert recipe.momentum_schedule is not None
    assert recipe.learning_rate_schedule is None
    assert recipe.momentum_schedule(Clock(1, 40, 4)) == pytest.approx(0.5 * 39 / 40)


def test_refusals():
    with pytest.raises(
        ValueError, match=r"schedules must hold at least one schedule, got \(\); write \(Cosine\(\),\) for"
    ):
        Product(())
    with pytest.raises(
        ValueError, match=r"schedules must leave `of` to what they stand in, got Cosine\(of='momentum'\)"
    ):
        Product((Cosine(of="momentum"),))
    with pytest.raises(ValueError, match=r"schedules must hold schedules, such as Cosine\(\), got FillerInit\(\)"):
        Product((Cosine(), FillerInit()))
    with pytest.raises(
        RecipeError, match="Product leaves Warmup 3 epochs: Warmup needs a training longer than its 5 epo"
    ):
        _ = Recipe(epochs=3) | Product()
