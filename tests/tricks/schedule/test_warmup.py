import pytest

from assay.recipe import Recipe, RecipeError
from assay.schedule import Clock
from assay.tricks.schedule.warmup import Warmup, warmup


def factors(epochs: float, first: str, steps: int = 8, steps_per_epoch: int = 4) -> list[float]:
    return [warmup(Clock(step, steps, steps_per_epoch), epochs=epochs, first=first) for step in range(steps)]


def test_one_step_starts_at_one_part_and_is_full_at_the_last_warmup_step():
    assert factors(1.0, "one_step") == [0.25, 0.5, 0.75, 1.0, 1.0, 1.0, 1.0, 1.0]


def test_zero_starts_at_0_and_is_full_one_step_later():
    assert factors(1.0, "zero") == [0.0, 0.25, 0.5, 0.75, 1.0, 1.0, 1.0, 1.0]


def test_fractions_of_an_epoch_count():
    assert factors(0.5, "one_step")[:3] == [0.5, 1.0, 1.0]


@pytest.mark.parametrize("first", ["one_step", "zero"])
def test_0_epochs_is_identity(first):
    assert factors(0.0, first) == [1.0] * 8


def test_fills_the_warmup_slot_and_leaves_the_schedule_free():
    recipe = Recipe(epochs=10.0) | Warmup(epochs=2.0)
    assert recipe.learning_rate_schedule is None
    assert recipe.learning_rate_warmup is not None
    assert recipe.learning_rate_warmup(Clock(0, 40, 4)) == 1 / 8


def test_refusals():
    with pytest.raises(ValueError, match="epochs must be finite and at least 0, got -1"):
        Warmup(epochs=-1.0)
    with pytest.raises(ValueError, match="first must be one of one_step, zero, got 'half'"):
        Warmup(first="half")
    with pytest.raises(RecipeError, match="Warmup needs a training longer than its 5 epochs"):
        Recipe(epochs=5.0) | Warmup()
