"""Is one score above another beyond the luck of which examples were drawn?

The interval is `assay.intervals.difference_interval`, with the correlation of both networks' scores example by example
where both answered the same examples, else 0: what is hard for both says nothing of which is better. For accuracy and
Wilson's limits this is Newcombe's method 10 (without his correction of r) and, unpaired, his method 10 for independent
samples.

Source: Newcombe 1998, Statistics in Medicine 17, 873-890 and 2635-2650; Zou and Donner 2008, ibid. 27, 1693-1702.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from assay.example_scores import same_examples
from assay.intervals import difference_interval
from assay.report.story import Score


@dataclass(frozen=True)
class Difference:
    """Second score minus first, with its 95 % interval over examples. paired: both answered the same n examples."""

    value: float
    low: float
    high: float
    paired: bool
    n: int

    @property
    def is_noise(self) -> bool:
        """Whether luck of the examples alone explains it."""
        return self.low <= 0 <= self.high


def score_difference(
    first: Score, second: Score, kept: tuple[Mapping[str, Any], Mapping[str, Any]] = ({}, {})
) -> Difference:
    """Of two scores in the same metric.

    Args:
        kept: what either keeps of each example.
    """
    both = same_examples(*kept)
    low, high = difference_interval(second, first, correlation(*both) if both else 0.0)
    return Difference(second.value - first.value, low, high, both is not None, min(first.n, second.n))


def correlation(
    first: Float[np.ndarray, " n"] | Int[np.ndarray, " n"], second: Float[np.ndarray, " n"] | Int[np.ndarray, " n"]
) -> float:
    """Pearson's; 1 where both are the same throughout, 0 where one of two does not vary."""
    if np.array_equal(first, second):
        return 1.0
    if not first.std() or not second.std():
        return 0.0
    return float(np.clip(np.corrcoef(first, second)[0, 1], -1.0, 1.0))
