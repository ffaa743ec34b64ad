"""Narrowing: where the next round looks."""

from __future__ import annotations

import pytest

from assay.tuning.narrowing import at_the_edge, narrow
from assay.tuning.searched import Searched
from assay.tuning.space import Choice, Space, Span

SPACE: Space = {"learning_rate": Span(1e-5, 1.0, log=True), "batch_size": Choice((32, 64, 128))}


def found(rates: list[float], sizes: list[int] | None = None) -> list[Searched]:
    """The first is the best."""
    sizes = sizes or [64] * len(rates)
    return [Searched({"learning_rate": rate, "batch_size": size}, 1.0 - place / 100, 0.0, False)
            for place, (rate, size) in enumerate(zip(rates, sizes, strict=True))]  # fmt: skip


def test_around_the_best_with_a_margin() -> None:
    """The best three of ten span shares .4 to .6 of five decades; a tenth on either side: .3 to .7."""
    span = narrow(SPACE, found([1e-3, 1e-2, 10**-2.5, *[1e-5] * 7]))["learning_rate"]
    assert isinstance(span, Span)
    assert (span.low, span.high) == pytest.approx((10**-3.5, 10**-1.5), rel=0.01)


def test_never_narrower_than_a_third() -> None:
    span = narrow(SPACE, found([1e-3] * 3))["learning_rate"]
    assert isinstance(span, Span)
    assert (span.low, span.high) == pytest.approx((10 ** (-3 - 5 / 6), 10 ** (-3 + 5 / 6)), rel=0.01)


def test_never_outside_the_old_bounds() -> None:
    span = narrow(SPACE, found([1.0] * 3))["learning_rate"]
    assert isinstance(span, Span)
    assert span.high == 1.0


def test_choices_that_did_badly_fall_away_but_not_to_one() -> None:
    assert narrow(SPACE, found([1e-3] * 3, [32, 64, 32]))["batch_size"] == Choice((32, 64))
    assert narrow(SPACE, found([1e-3] * 3, [32, 32, 32]))["batch_size"] == SPACE["batch_size"]


def test_too_few_trials_change_nothing() -> None:
    assert narrow(SPACE, found([1e-3, 1e-2])) == SPACE


def test_trials_stopped_early_and_outside_do_not_count() -> None:
    stopped = [Searched(one.settings, 2.0, 0.0, True) for one in found([1e-5] * 9)]
    assert narrow(SPACE, [*found([1e-3, 1e-2, 7.0]), *stopped]) == SPACE


def test_the_edge() -> None:
    below, middle, above = found([1.2e-5, 1e-3, 0.9])
    assert at_the_edge(SPACE, below) == {"learning_rate": "below"}
    assert at_the_edge(SPACE, above) == {"learning_rate": "above"}
    assert at_the_edge(SPACE, middle) == {}
