"""Fences by hand: quartiles, three spreads beyond, and a least spread where all are alike."""

from __future__ import annotations

import numpy as np

from assay.audit.fences import above_fence, beyond_fences, farthest_first, upper_fence


def test_fences_by_hand() -> None:
    """Quartiles of 0 .. 100 are 25 and 75: the fences are at -125 and 225."""
    values = np.arange(101.0)
    assert upper_fence(values) == 225
    more = np.concatenate([values, [226.0, -130.0, 225.0]])
    usable = np.arange(len(more)) < 101
    assert not above_fence(more, usable).any()
    low, high = np.quantile(more, [0.25, 0.75])
    far = beyond_fences(more)
    assert far[101] == max(0.0, 226 - (high + 3 * (high - low)))
    assert far[102] == max(0.0, low - 3 * (high - low) + 130)


def test_the_farthest_come_first_on_both_sides() -> None:
    values = np.array([0.0] * 30 + [0.4, -2.0, 5.0])
    assert farthest_first(beyond_fences(values, least_spread=0.1)).tolist() == [32, 31, 30]
    assert farthest_first(above_fence(values, least_spread=0.1)).tolist() == [32, 30]
    assert farthest_first(above_fence(values, least_spread=1.0)).tolist() == [32]


def test_what_is_not_usable_is_never_far() -> None:
    values = np.array([0.0] * 30 + [np.nan, np.inf, 9.0])
    usable = np.isfinite(values)
    assert farthest_first(beyond_fences(values, usable, least_spread=0.1)).tolist() == [32]
