"""Times as people write them, and working seconds over several sittings."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.budget import Budget, parse_seconds
from assay.errors import InputError

GOOD = {
    "90s": 90, "90": 90, " 2m ": 120, "1.5h": 5400, "1h30m": 5400, "1d": 86400, "2m30s": 150, "0.5m": 30, "10": 10,
    "1h0m5s": 3605,
}  # fmt: skip
BAD = ("", "m", "2 m", "1:30", "-90s", "1e3", "2min", "90S", "five", "1h30", "30 1h", "h1", "1.h", "nan", "inf")


@pytest.mark.parametrize(("text", "seconds"), GOOD.items(), ids=repr)
def test_reads_times(text: str, seconds: float):
    assert parse_seconds(text) == seconds


@pytest.mark.parametrize("text", BAD, ids=repr)
def test_refuses_what_is_no_time(text: str):
    with pytest.raises(InputError, match=r"is not a time; write it as 90s, 2m, 1\.5h or 1h30m"):
        parse_seconds(text)


@pytest.mark.parametrize("text", ["9s", "0", "0.1m", "0h0m9.9s"])
def test_refuses_a_budget_no_run_can_keep(text: str):
    with pytest.raises(InputError, match="a run needs at least 10 s"):
        parse_seconds(text)


def test_a_smaller_least_is_taken_but_no_time_is_refused():
    assert parse_seconds("8s", least=0.0) == 8
    with pytest.raises(InputError, match="'0s' is no time at all; give some, such as 60s"):
        parse_seconds("0s", least=0.0)
    with pytest.raises(InputError, match="a run needs at least 30 s"):
        parse_seconds("20s", least=30.0)


@given(st.integers(0, 50), st.integers(0, 59), st.integers(10, 59))
def test_parts_add_up(hours: int, minutes: int, seconds: int):
    assert parse_seconds(f"{hours}h{minutes}m{seconds}s") == 3600 * hours + 60 * minutes + seconds


def test_counts_the_seconds_of_earlier_sittings(monkeypatch):
    clock = iter([100.0, 100.0, 107.0, 160.0])
    monkeypatch.setattr(time, "perf_counter", lambda: next(clock))
    budget = Budget(60.0, used_before=20.0)
    assert budget.used == 20.0
    assert budget.used == 27.0
    assert budget.remaining == -20.0, "what was overdrawn is told, not hidden"
