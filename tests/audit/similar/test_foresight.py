"""Work that would take too long is given up early, and told with how long it would have taken."""

import pytest

from assay.audit.similar import foresight
from assay.audit.similar.foresight import TooLong, foresee


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds that have passed, to be set by hand."""
    now = [100.0]
    monkeypatch.setattr(foresight.time, "perf_counter", lambda: now[0])
    return now


def test_the_whole_is_told_from_a_part_by_hand(clock: list[float]) -> None:
    too_long = foresee(60.0)
    clock[0] += 12.0
    assert too_long(0.1) == TooLong(120.0)  # 60 (1 + .1) were allowed
    assert too_long(0.2) is None


def test_near_the_end_more_is_allowed(clock: list[float]) -> None:
    too_long = foresee(60.0)
    clock[0] += 100.0
    assert too_long(0.9) is None  # 111 s of 114
    assert too_long(0.8) == TooLong(125.0)


def test_the_first_moments_say_nothing(clock: list[float]) -> None:
    too_long = foresee(60.0)
    clock[0] += 0.9
    assert too_long(0.001) is None
    clock[0] += 0.2
    assert too_long(0.001) is not None


def test_without_any_time_it_is_given_up_at_once(clock: list[float]) -> None:
    assert foresee(-1.0)(0.001) == TooLong(0.0)
