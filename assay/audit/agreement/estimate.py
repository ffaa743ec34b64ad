"""A number with its n and its interval."""

from __future__ import annotations

from dataclasses import dataclass

from assay.intervals import wilson_interval


@dataclass(frozen=True)
class Estimate:
    """What was measured on n of something, and the limits between which the truth lies (95 %)."""

    value: float
    low: float
    high: float
    n: int

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f}–{self.high:.3f}, n={self.n:,})"


def share_of(successes: int, n: int) -> Estimate:
    """A share of successes with Wilson's interval."""
    return Estimate(successes / n, *wilson_interval(successes, n), n)
