import pytest

from assay.recipe import Recipe, RecipeError
from assay.schedule import clocks
from assay.tricks.schedule.chain import Chain
from assay.tricks.schedule.constant import ConstantLR
from assay.tricks.schedule.cosine import Cosine
from assay.tricks.schedule.linear_decay import LinearDecay
from assay.tricks.schedule.one_cycle import OneCycle
from assay.tricks.schedule.restart import Restart
from assay.tricks.schedule.sgdr import SGDR


def used(trick, steps: int, steps_per_epoch: int) -> list[float]:
    recipe = Recipe(epochs=steps / steps_per_epoch) | trick
    assert recipe.learning_rate_schedule is not None
    assert recipe.learning_rate_warmup is None
    moments = clocks(range(steps), total_steps=steps, steps_per_epoch=steps_per_epoch)
    return list(map(recipe.learning_rate_schedule, moments))


def test_first_restarts_and_last_by_hand():
    """Periods of 1, 2 and 4 epochs of 2 steps; the training ends in the middle of the last one."""
    found = used(Restart(LinearDecay(0.0), period_epochs=1.0), 10, 2)
    assert found == pytest.approx([1.0, 0.5, 1.0, 0.75, 0.5, 0.25, 1.0, 0.875, 0.75, 0.625])


@pytest.mark.parametrize(("period", "multiplier", "floor"), [(10.0, 2.0, 0.0), (1.5, 1.0, 0.1), (0.3, 1.4, 0.2)])
def test_of_a_cosine_it_is_sgdr(period, multiplier, floor):
    assert used(Restart(Cosine(floor=floor), period, multiplier), 90, 4) == used(SGDR(period, multiplier, floor), 90, 4)
    assert used(Restart(), 90, 2) == used(SGDR(), 90, 2)


def test_each_period_has_its_own_warm_up():
    """Periods of 2 epochs of 3 steps: a rise of one epoch in each, then half a cosine over 3 steps."""
    found = used(Restart(Cosine(warmup_epochs=1.0), period_epochs=2.0, multiplier=1.0), 12, 3)
    assert found == pytest.approx([1 / 3, 2 / 3, 1.0, 1.0, 0.75, 0.25] * 2)


def test_a_chain_restarts_as_a_whole_and_stands_in_one():
    chain = Chain((ConstantLR(), LinearDecay(0.0)), at=(0.5,))
    assert used(Restart(chain, 1.0, 1.0), 12, 4) == pytest.approx([1.0, 1.0, 1.0, 0.5] * 3)
    later = Chain((ConstantLR(), Restart(LinearDecay(0.0), 1.0, 1.0)), at=(0.5,))
    assert used(later, 8, 2) == pytest.approx([1.0] * 4 + [1.0, 0.5] * 2)


def test_refusals():
    with pytest.raises(ValueError, match="period_epochs must be finite and at least 1e-06, got 0"):
        Restart(period_epochs=0.0)
    with pytest.raises(ValueError, match=r"multiplier must be finite and at least 1, got 0.5"):
        Restart(multiplier=0.5)
    with pytest.raises(
        ValueError, match=r"schedule must leave `of` to what they stand in, got Cosine\(of='momentum'\)"
    ):
        Restart(Cosine(of="momentum"))
    with pytest.raises(
        RecipeError, match="Restart leaves Cosine 5 epochs: Cosine needs a training longer than its warm-up"
    ):
        _ = Recipe(epochs=90) | Restart(Cosine(warmup_epochs=5.0), period_epochs=5.0)
    with pytest.raises(RecipeError, match="OneCycle in Restart must set one quantity, it also sets momentum schedule"):
        _ = Recipe() | Restart(OneCycle(momentum=(0.95, 0.85)))
