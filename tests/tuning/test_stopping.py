"""Which trials end early, by hand."""

from __future__ import annotations

import math

from assay.tuning.searched import Searched
from assay.tuning.stopping import below_best_third, below_median, none_stop


def trial(*looks: float, pruned: bool = False) -> Searched:
    return Searched({}, looks[-1], 1.0, pruned, len(looks) / 4, looks)


def test_nothing_ends_early_before_three_trials_were_trained_to_their_end() -> None:
    before = [trial(0.1, 0.2, 0.3, 0.4), trial(0.2, 0.3, 0.4, 0.5), trial(0.1, pruned=True)]
    assert below_median(before) == ()


def test_the_floor_is_the_median_of_those_that_were_trained_to_their_end() -> None:
    before = [trial(0.1, 0.2, 0.3, 0.4), trial(0.2, 0.3, 0.4, 0.5), trial(0.9, 0.9, 0.9, 0.9), trial(0.0, pruned=True)]
    assert below_median(before) == (0.2, 0.3, 0.4)


def test_of_thirds_the_floor_is_what_keeps_a_new_trial_among_the_best_third() -> None:
    """With the new one there are six that came to look 1: two go on, so it must not be below the second of the five."""
    before = [trial(value, value, value, pruned=True) for value in (0.1, 0.5, 0.3)]
    before += [trial(value, pruned=True) for value in (0.2, 0.4)]
    assert below_best_third(before) == (0.4, -math.inf, 0.5)


def test_of_thirds_one_that_diverged_counts_as_the_worst() -> None:
    """A nan stood where it came, so that the floor was one of those beside it, or no number at all."""
    before = [trial(value, pruned=True) for value in (math.nan, 0.2, math.nan, 0.5, 0.4)]
    for shift in range(len(before)):
        assert below_best_third([*before[shift:], *before[:shift]]) == (0.4, -math.inf, -math.inf)
    for diverged in (math.nan, math.inf, -math.inf):
        assert below_best_third([trial(diverged, pruned=True)]) == (-math.inf,) * 3


def test_the_first_trial_of_thirds_has_no_floor() -> None:
    assert below_best_third([]) == (-math.inf,) * 3


def test_none_stop() -> None:
    assert none_stop([trial(0.1, 0.2, 0.3, 0.4)] * 9) == ()
