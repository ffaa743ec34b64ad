"""Dimensions of a search: scales, points and bounds."""

from __future__ import annotations

import math
import random

import pytest

from assay.errors import InputError
from assay.tuning.space import Choice, Span, describe, is_inside

LOG = Span(1e-4, 1e-1, log=True)


def test_a_log_scale_by_hand() -> None:
    assert [LOG.at(share) for share in (0.0, 1 / 3, 0.5, 1.0)] == [1e-4, 1e-3, 3.16e-3, 1e-1]
    assert LOG.share_of(1e-2) == pytest.approx(2 / 3)


def test_values_never_leave_the_bounds() -> None:
    """Three digits of a bound may lie beyond it."""
    seed = 500
    draw = random.Random(seed)
    for _ in range(300):
        low, high = sorted(draw.uniform(0.001, 9.0) for _ in range(2))
        span = Span(low, high, log=draw.random() < 0.5)
        assert low <= span.at(draw.random()) <= high, seed


def test_whole_numbers_are_equally_likely() -> None:
    span = Span(1, 4, whole=True)
    drawn = [span.at((place + 0.5) / 400) for place in range(400)]
    assert [drawn.count(value) for value in (1, 2, 3, 4)] == [100] * 4
    assert all(isinstance(value, int) for value in drawn)


def test_share_and_value_are_inverse() -> None:
    for span in (LOG, Span(0.0, 0.4)):
        for value in span.points(5):
            assert span.share_of(span.at(span.share_of(value))) == pytest.approx(span.share_of(value), abs=0.02)


def test_points_have_both_ends() -> None:
    assert LOG.points(4) == (1e-4, 1e-3, 1e-2, 1e-1)
    assert LOG.points(1) == (3.16e-3,)
    assert Span(1, 3, whole=True).points(5) == (1, 2, 3)


def test_a_part() -> None:
    assert LOG.narrowed(1 / 3, 2 / 3) == Span(1e-3, 1e-2, log=True)
    assert LOG.narrowed(-1.0, 2.0) == LOG
    assert Span(8, 128, log=True, whole=True).narrowed(0.25, 0.75) == Span(16, 64, log=True, whole=True)
    assert Span(1, 2, whole=True).narrowed(0.4, 0.4) == Span(1, 2, whole=True)


def test_a_choice() -> None:
    choice = Choice((32, 64, 128))
    assert [choice.at(share) for share in (0.0, 0.34, 0.99, 1.0)] == [32, 64, 128, 128]
    assert choice.share_of(64) == 0.5
    assert choice.share_of(7) == math.inf
    assert choice.points(2) == (32, 64, 128)


def test_inside() -> None:
    space = {"learning_rate": LOG, "batch_size": Choice((32, 64))}
    assert is_inside(space, {"learning_rate": 1e-1, "batch_size": 32})
    assert not is_inside(space, {"learning_rate": 0.2, "batch_size": 32})
    assert not is_inside(space, {"learning_rate": 0.0, "batch_size": 32})
    assert not is_inside(space, {"learning_rate": 1e-2, "batch_size": 48})


def test_in_words() -> None:
    assert describe(LOG) == "0.0001 to 0.1 (log)"
    assert describe(Choice((32, 64, 128))) == "32, 64 or 128"


@pytest.mark.parametrize(
    ("low", "high", "options", "message"),
    [
        (0.1, 0.01, {}, "lower bound must be below the upper one, got 0.1:0.01; write 0.01:0.1"),
        (0.1, 0.1, {}, "got 0.1:0.1: there is nothing to search"),
        (0.0, 0.1, {"log": True}, "a log scale needs bounds above 0, got 0:0.1; raise the lower one, or write"),
        (math.nan, 0.1, {}, "bounds must be finite"),
        (1.5, 3.0, {"whole": True}, "bounds must be whole numbers here, got 1.5:3"),
    ],
)
def test_bounds_that_are_refused(low: float, high: float, options: dict[str, bool], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Span(low, high, **options)


def test_a_choice_of_one_is_refused() -> None:
    with pytest.raises(InputError, match="at least two values, got 64, 64"):
        Choice((64, 64))


def test_a_setting_that_is_none_lies_outside_every_span() -> None:
    """A recipe whose own value is None, `FocalBinary.alpha` say, broke its search off after the first round."""
    for log in (False, True):
        assert Span(0.1, 0.9, log=log).share_of(None) == -math.inf
