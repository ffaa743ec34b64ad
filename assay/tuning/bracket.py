"""A bracket around the learning rate: whole trainings at rates above the one that looks best after a hundred steps.

    rates: first, first * sqrt(10), first * 10, ...     until one diverges, two in a row are worse, or the test broke

The range test ends after a hundred steps, and what is best for a whole training is mostly above what is best for them.

Source: Goodfellow et al. 2016, section 8.3.1: a rate higher than the best one after the first 100 iterations or so,
but not so high that it causes severe instability.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from assay.tuning.range_test import RangeTest
from assay.tuning.searched import Searched
from assay.tuning.setting import Settings
from assay.tuning.space import Span
from assay.tuning.strategy import Strategy

FACTOR, MOST_RATES, FALLS = math.sqrt(10.0), 5, 2
BELOW = 30.0
"""The search looks as far below the best rate of the bracket as the range test's bounds do."""


def climb(own: Settings, tested: RangeTest) -> Strategy:
    """The recipe's own settings with one rate after another from the upper bound of the range test."""
    best, falls = (-math.inf, -math.inf), 0
    for rate in rates_above(tested):
        found = yield {**own, "learning_rate": rate}
        falls = 0 if found.rank > best else falls + 1
        best = max(best, found.rank)
        if found.diverged or falls == FALLS:
            return


def rates_above(tested: RangeTest) -> list[float]:
    """At most `MOST_RATES`, below where the loss broke if it did."""
    rates = [float(f"{tested.high * FACTOR**number:.3g}") for number in range(MOST_RATES)]
    return [rates[0], *(rate for rate in rates[1:] if rate <= tested.rates[-1])]


def span_around(climbed: Sequence[Searched], tested: RangeTest) -> Span:
    """Where the search looks: from a thirtieth of the bracket's best rate to one rate above it, if that trained.

    Without any rate that trained to its end, the bounds of the range test.
    """
    finished = [one for one in climbed if not one.diverged]
    if not finished:
        return Span(tested.low, tested.high, log=True)
    best = max(finished, key=lambda one: (not one.pruned, one.rank)).settings["learning_rate"]
    broken = [one.settings["learning_rate"] for one in climbed if one.diverged]
    high = min([best * FACTOR, *(max(best, math.sqrt(best * rate)) for rate in broken if rate > best)])
    return Span(float(f"{best / BELOW:.3g}"), float(f"{high:.3g}"), log=True)
