"""A number with its n and its interval."""

from __future__ import annotations

import math
from dataclasses import dataclass

from assay.intervals import wilson_interval


@dataclass(frozen=True)
class Estimate:
    """What was measured on n of something, and the limits between which the truth lies (95 %).

    value: nan for a kappa that is not defined: where all answers are of one class nothing is expected to differ.
    """

    value: float
    low: float
    high: float
    n: int

    @property
    def is_defined(self) -> bool:
        return not math.isnan(self.value)

    def __str__(self) -> str:
        if not self.is_defined:
            return f"not defined (only one class was used, n={self.n:,})"
        return f"{self.value:.3f} ({self.low:.3f}–{self.high:.3f}, n={self.n:,})"


def share_of(successes: int, n: int) -> Estimate:
    """A share of successes with Wilson's interval."""
    return Estimate(successes / n, *wilson_interval(successes, n), n)
