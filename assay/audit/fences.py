"""What lies far from the others: beyond the outer fences.

    spread = max(Q3 - Q1, least_spread)
    far    = beyond Q1 - 3 * spread or Q3 + 3 * spread

Where nearly all values are one there is no spread, and any other would be far: `least_spread` says what a trifle is.

Source: Tukey 1977, Exploratory Data Analysis, section 2 (outer fences).
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float, Int

FENCE = 3.0


def upper_fence(values: Float[np.ndarray, " n"], *, least_spread: float = 0.0) -> float:
    """The value beyond which others are far above."""
    first, third = np.quantile(values, [0.25, 0.75])
    return float(third + FENCE * max(third - first, least_spread))


def above_fence(
    values: Float[np.ndarray, " n"], usable: Bool[np.ndarray, " n"] | None = None, *, least_spread: float = 0.0
) -> Float[np.ndarray, " n"]:
    """How far each lies above the upper fence, 0 for what lies within; those not usable neither count nor are far."""
    counted = np.ones(len(values), dtype=bool) if usable is None else usable
    fence = upper_fence(values[counted], least_spread=least_spread)
    return np.where(counted, np.maximum(values - fence, 0.0), 0.0)


def beyond_fences(
    values: Float[np.ndarray, " n"], usable: Bool[np.ndarray, " n"] | None = None, *, least_spread: float = 0.0
) -> Float[np.ndarray, " n"]:
    """How far each lies beyond either fence, as `above_fence`."""
    above, below = (above_fence(side, usable, least_spread=least_spread) for side in (values, -values))
    return np.maximum(above, below)


def farthest_first(far: Float[np.ndarray, " n"]) -> Int[np.ndarray, " m"]:
    """Places of all that are far, the farthest first."""
    return np.argsort(-far, kind="stable")[: int((far > 0).sum())]
