import pytest

from assay.recipe import Recipe
from assay.schedule import Clock
from assay.tricks.schedule.linear_decay import LinearDecay, linear_decay


def test_first_middle_and_last_by_hand():
    schedule = (Recipe() | LinearDecay()).learning_rate_schedule
    assert schedule is not None
    assert [schedule(Clock(step, 100, 10)) for step in (0, 50, 99, 100)] == pytest.approx([1.0, 0.505, 0.0199, 0.01])


def test_end_factor_1_is_identity():
    assert [linear_decay(Clock(step, 10, 5), end_factor=1.0) for step in range(10)] == [1.0] * 10


def test_refuses_a_rise():
    with pytest.raises(ValueError, match=r"end_factor must be in \[0, 1\], got 2"):
        LinearDecay(end_factor=2.0)
