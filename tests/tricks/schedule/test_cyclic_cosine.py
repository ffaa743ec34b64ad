import math

import pytest

from assay.recipe import Recipe
from assay.schedule import Clock
from assay.tricks.schedule.cosine import cosine
from assay.tricks.schedule.cyclic_cosine import CyclicCosine, cyclic_cosine


def used(trick: CyclicCosine, steps: int) -> list[float]:
    schedule = (Recipe() | trick).learning_rate_schedule
    assert schedule is not None
    return [schedule(Clock(step, steps, 2)) for step in range(steps)]


def test_first_boundary_and_last_by_hand():
    """8 steps in 2 cycles of 4."""
    tenth = (1 + math.cos(0.75 * math.pi)) / 2
    half = pytest.approx([1.0, (1 + math.sqrt(0.5)) / 2, 0.5, tenth])
    found = used(CyclicCosine(cycles=2), 8)
    assert found[:4] == half
    assert found[4:] == half


def test_agrees_with_the_published_formula():
    """Steps from 1 and absolute rates: ((first - low) / 2) (cos(pi mod(x - 1, C) / C) + 1) + low."""
    first, low, total, cycles = 0.1, 0.001, 90, 4
    length = math.ceil(total / cycles)
    for x in range(1, total + 1):
        rate = (first - low) / 2 * (math.cos(math.pi * ((x - 1) % length) / length) + 1) + low
        assert first * cyclic_cosine(Clock(x - 1, total, 9), cycles=cycles, floor=low / first) == pytest.approx(rate)


def test_one_cycle_is_the_cosine_and_floor_1_constant():
    assert used(CyclicCosine(cycles=1), 9) == [cosine(Clock(step, 9, 2)) for step in range(9)]
    assert used(CyclicCosine(floor=1.0), 9) == [1.0] * 9


def test_more_cycles_than_steps_stay_at_the_top():
    assert used(CyclicCosine(cycles=20), 5) == [1.0] * 5


def test_refusals():
    with pytest.raises(ValueError, match="cycles must be finite and at least 1, got 0"):
        CyclicCosine(cycles=0)
    with pytest.raises(ValueError, match=r"floor must be in \[0, 1\], got -1"):
        CyclicCosine(floor=-1.0)
