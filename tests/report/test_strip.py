import math

import pytest

from assay.report.strip import accuracy_axis, linear_axis, whisker


def test_linear_axis_holds_its_values_with_round_ticks_inside():
    axis = linear_axis([-1.88, 1.27], include=(0.0,), count=4)
    assert axis.ticks == (-2.0, -1.0, 0.0, 1.0)
    assert axis.low < -1.88
    assert axis.high > 1.27
    assert 0 < axis.position(-1.88) < axis.position(0.0) < axis.position(1.27) < 100


def test_every_halving_of_the_error_has_the_same_width():
    axis = accuracy_axis([0.1, 0.9972], n=1000)
    assert axis.errors
    widths = [axis.position(1 - error / 2) - axis.position(1 - error) for error in (0.8, 0.2, 0.02)]
    assert widths == pytest.approx([widths[0]] * 3, abs=0.01)


def test_low_accuracies_stay_on_a_linear_axis_from_zero():
    axis = accuracy_axis([0.1, 0.8], n=100)
    assert not axis.errors
    assert axis.low <= 0.0


def test_a_perfect_score_has_a_place_on_the_error_axis():
    axis = accuracy_axis([0.5, 1.0], n=100)
    assert axis.position(1.0) == 100.0
    assert axis.position(0.99) < 100.0


def test_unknown_limits_leave_the_dot_alone():
    axis = linear_axis([0.0, 1.0])
    alone = whisker(axis, 0.5, math.nan, math.nan)
    assert alone.width == 0.0
    assert alone.left == alone.dot == axis.position(0.5)


@pytest.mark.parametrize("values", [[], [math.nan], [0.3], [0.0, 0.0]])
def test_any_values_give_an_axis_of_some_length(values: list[float]):
    axis = linear_axis(values)
    assert axis.high > axis.low
    assert axis.ticks
