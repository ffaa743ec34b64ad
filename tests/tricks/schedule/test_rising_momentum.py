import numpy as np
import pytest

from assay.optimizers import SGD, Adam
from assay.recipe import Recipe, RecipeError
from assay.schedule import Clock
from assay.tricks.schedule.one_cycle import OneCycle
from assay.tricks.schedule.rising_momentum import RisingMomentum, through


def test_first_boundary_and_last_by_hand():
    """In the optimiser's own values, whichever momentum it has."""
    for optimizer in (SGD(momentum=0.9), Adam(momentum=0.8)):
        schedule = (Recipe(optimizer=optimizer) | RisingMomentum()).momentum_schedule
        assert schedule is not None
        used = [optimizer.momentum * schedule(Clock(step, 100, 10)) for step in (0, 25, 50, 75, 100)]
        assert used == pytest.approx([0.5, 0.7, 0.9, 0.945, 0.99])


def test_agrees_with_numpys_interpolation():
    values = (0.1, 0.3, 0.35, 0.9)
    found = [through(Clock(step, 50, 10), values=values) for step in range(51)]
    assert found == pytest.approx(np.interp(np.arange(51) / 50, np.linspace(0, 1, 4), values).tolist())


def test_equal_values_at_the_optimisers_own_are_off():
    schedule = (Recipe(optimizer=SGD(momentum=0.9)) | RisingMomentum((0.9, 0.9))).momentum_schedule
    assert schedule is not None
    assert {schedule(Clock(step, 64, 10)) for step in range(64)} == {1.0}


def test_refusals():
    with pytest.raises(ValueError, match=r"values must be in \[0, 0.9999\], got 1"):
        RisingMomentum((0.5, 1.0))
    with pytest.raises(ValueError, match=r"values must be two or more and must not fall, got \(0.9, 0.5\); sort them"):
        RisingMomentum((0.9, 0.5))
    with pytest.raises(ValueError, match=r"values must be two or more and must not fall, got \(0.9,\)"):
        RisingMomentum((0.9,))
    with pytest.raises(RecipeError, match="RisingMomentum needs an optimizer with momentum"):
        _ = Recipe(optimizer=SGD(momentum=0.0)) | RisingMomentum()
    with pytest.raises(RecipeError, match="RisingMomentum and OneCycle both set momentum schedule"):
        _ = Recipe(optimizer=SGD()) | OneCycle(momentum=(0.95, 0.85)) | RisingMomentum()
