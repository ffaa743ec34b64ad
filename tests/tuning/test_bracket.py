"""The bracket above the range test's best rate."""

from __future__ import annotations

import math

import pytest

from assay.tuning.bracket import climb, rates_above, span_around
from assay.tuning.range_test import RangeTest
from assay.tuning.searched import Searched
from assay.tuning.space import Span

TESTED = RangeTest((1e-5, 1e-2, 10.0), (2.0, 1.0, 1.5), low=1e-2 / 30, high=1e-2)
BROKE = RangeTest((1e-5, 1e-2, 0.2), (2.0, 1.0, 9.0), low=1e-2 / 30, high=1e-2)
OWN = {"learning_rate": 5e-3, "weight_decay": 0.01}


def climbed(values: list[float], tested: RangeTest = TESTED) -> list[Searched]:
    """The rates that are tried where trainings end with these values; nan diverges."""
    strategy, found = climb(OWN, tested), []
    settings = next(strategy)
    for value in values:
        found.append(Searched(settings, value, math.inf if math.isnan(value) else 1.0, math.isnan(value)))
        try:
            settings = strategy.send(found[-1])
        except StopIteration:
            break
    return found


def rates_of(found: list[Searched]) -> list[float]:
    return [one.settings["learning_rate"] for one in found]


def test_rates_rise_by_half_decades_up_to_where_the_loss_broke() -> None:
    assert rates_above(TESTED) == [0.01, 0.0316, 0.1, 0.316, 1.0]
    assert rates_above(BROKE) == [0.01, 0.0316, 0.1]


def test_other_settings_are_the_recipes_own() -> None:
    assert all(one.settings["weight_decay"] == 0.01 for one in climbed([0.1, 0.2]))


@pytest.mark.parametrize(
    ("values", "rates"),
    [
        ([0.1, 0.2, 0.3, 0.4, 0.5], [0.01, 0.0316, 0.1, 0.316, 1.0]),
        ([0.5, 0.4, 0.3, 0.2], [0.01, 0.0316, 0.1]),
        ([0.5, 0.4, 0.6, 0.5, 0.4], [0.01, 0.0316, 0.1, 0.316, 1.0]),
        ([0.5, math.nan, 0.6], [0.01, 0.0316]),
    ],
)
def test_it_ends_after_two_falls_or_where_one_diverges(values: list[float], rates: list[float]) -> None:
    assert rates_of(climbed(values)) == rates


def test_the_span_reaches_one_rate_above_the_best() -> None:
    span = span_around(climbed([0.5, 0.7, 0.4, 0.3]), TESTED)
    assert span.low == pytest.approx(0.0316 / 30, rel=0.01)
    assert span.high == pytest.approx(0.1, rel=0.01)


def test_not_to_one_that_diverged() -> None:
    """Half way to it on the log scale: 0.01 * 10^.25."""
    span = span_around(climbed([0.5, math.nan]), TESTED)
    assert span.high == pytest.approx(0.01 * 10**0.25, rel=0.01)


def test_the_bounds_of_the_range_test_where_nothing_trained() -> None:
    assert span_around(climbed([math.nan]), TESTED) == Span(TESTED.low, TESTED.high, log=True)
