"""A share of a length, in whole positions."""

from __future__ import annotations

import math


def whole_share(share: float, length: int) -> int:
    """How many of `length` positions a share is, rounded down; one at least, but for a share of 0 or a length of 1.

    Rounded first, because 0.29 * 100 is a little below 29 in binary.
    """
    least = 1 if share > 0.0 and length > 1 else 0
    return max(least, math.floor(round(share * length, 9)))
