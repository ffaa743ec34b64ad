import pytest
import torch

from assay.recipe import Recipe, RecipeError
from assay.schedule import Clock
from assay.tricks.schedule.polynomial import Polynomial
from assay.tricks.schedule.warmup import Warmup


def used(recipe: Recipe, steps: int, steps_per_epoch: int) -> list[float]:
    schedule, rise = recipe.learning_rate_schedule, recipe.learning_rate_warmup
    assert schedule is not None
    moments = [Clock(step, steps, steps_per_epoch) for step in range(steps)]
    return [schedule(clock) * (rise(clock) if rise else 1.0) for clock in moments]


def test_first_boundary_and_last_by_hand():
    """10 steps of which 2 burn in, power 2: Darknet's rule without its base rate."""
    found = used(Recipe(epochs=10.0) | Polynomial(power=2.0, burn_in_epochs=2.0), 10, 1)
    assert found == pytest.approx([0.0, 0.25, 0.64, 0.49, 0.36, 0.25, 0.16, 0.09, 0.04, 0.01])


def test_agrees_with_torch():
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    scheduler = torch.optim.lr_scheduler.PolynomialLR(optimizer, total_iters=30, power=4.0)
    for factor in used(Recipe() | Polynomial(burn_in_epochs=0.0), 30, 5):
        assert factor == pytest.approx(scheduler.get_last_lr()[0], abs=1e-12)
        optimizer.step()
        scheduler.step()


def test_power_0_without_burn_in_is_constant():
    assert used(Recipe() | Polynomial(power=0.0, burn_in_epochs=0.0), 9, 3) == [1.0] * 9


def test_the_burn_in_takes_the_place_of_a_warm_up():
    with pytest.raises(RecipeError, match="Warmup and Polynomial both set learning rate warmup"):
        _ = Recipe() | Polynomial() | Warmup(1.0)


def test_refusals():
    with pytest.raises(ValueError, match="power must be finite and at least 0, got -1"):
        Polynomial(power=-1.0)
    with pytest.raises(ValueError, match="burn_in_epochs must be finite and at least 0, got -1"):
        Polynomial(burn_in_epochs=-1.0)
    with pytest.raises(RecipeError, match="Polynomial needs a training longer than its burn-in of 3 epochs"):
        _ = Recipe(epochs=2.0) | Polynomial(burn_in_epochs=3.0)
