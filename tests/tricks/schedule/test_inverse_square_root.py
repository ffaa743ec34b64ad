import pytest

from assay.recipe import Recipe, RecipeError
from assay.schedule import Clock
from assay.tricks.schedule.inverse_square_root import InverseSquareRoot
from assay.tricks.schedule.warmup import Warmup


def used(trick: InverseSquareRoot, steps: int, steps_per_epoch: int) -> list[float]:
    recipe = Recipe(epochs=50.0) | trick
    schedule, rise = recipe.learning_rate_schedule, recipe.learning_rate_warmup
    assert schedule is not None
    moments = [Clock(step, steps, steps_per_epoch) for step in range(steps)]
    return [schedule(clock) * (rise(clock) if rise else 1.0) for clock in moments]


def test_first_boundary_and_last_by_hand():
    """Warm-up of 1 epoch of 4 steps: quarters up to 1 at step 3, half of it at step 15."""
    found = used(InverseSquareRoot(), 64, 4)
    assert found[:4] == [0.25, 0.5, 0.75, 1.0]
    assert found[15] == 0.5
    assert found[63] == 0.25


def test_agrees_with_the_published_formula():
    """width^-.5 min(t^-.5, t w^-1.5), steps from 1, over its own peak."""
    width, w = 512, 40

    def published(t):
        return width**-0.5 * min(t**-0.5, t * w**-1.5)

    for step, factor in enumerate(used(InverseSquareRoot(4.0), 300, 10)):
        assert factor == pytest.approx(published(step + 1) / published(w))


def test_without_warm_up_it_starts_at_1():
    assert used(InverseSquareRoot(0.0), 4, 2) == pytest.approx([1.0, 2**-0.5, 3**-0.5, 0.5])


def test_its_warm_up_takes_the_slot():
    with pytest.raises(RecipeError, match="Warmup and InverseSquareRoot both set learning rate warmup"):
        _ = Recipe() | InverseSquareRoot() | Warmup(1.0)


def test_refusals():
    with pytest.raises(ValueError, match="warmup_epochs must be finite and at least 0, got -1"):
        InverseSquareRoot(-1.0)
    with pytest.raises(RecipeError, match="InverseSquareRoot needs a training longer than its warm-up of 5 epochs"):
        _ = Recipe(epochs=2.0) | InverseSquareRoot(5.0)
