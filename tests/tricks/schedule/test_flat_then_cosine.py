import pytest

from assay.recipe import Recipe
from assay.schedule import Clock
from assay.tricks.schedule.cosine import cosine
from assay.tricks.schedule.flat_then_cosine import FlatThenCosine


def used(trick: FlatThenCosine, steps: int = 8) -> list[float]:
    schedule = (Recipe() | trick).learning_rate_schedule
    assert schedule is not None
    return [schedule(Clock(step, steps, 2)) for step in range(steps)]


def test_first_boundary_and_last_by_hand():
    assert used(FlatThenCosine()) == pytest.approx([1.0] * 7 + [0.5])
    assert used(FlatThenCosine(0.5, floor=0.2)) == pytest.approx([1.0] * 5 + [0.882843, 0.6, 0.317157], abs=1e-6)


def test_it_is_the_cosine_from_the_start_and_constant_to_the_end():
    assert used(FlatThenCosine(0.0)) == [cosine(Clock(step, 8, 2)) for step in range(8)]
    assert used(FlatThenCosine(1.0)) == used(FlatThenCosine(floor=1.0)) == [1.0] * 8


def test_refusals():
    with pytest.raises(ValueError, match=r"start_progress must be in \[0, 1\], got 2"):
        FlatThenCosine(2.0)
    with pytest.raises(ValueError, match=r"floor must be in \[0, 1\], got -1"):
        FlatThenCosine(floor=-1.0)
