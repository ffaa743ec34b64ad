"""Subset sizes at equal ratios: each law is a straight or bent line over log n, so that is where points must be."""

from __future__ import annotations

import numpy as np

LEAST_SIZES = 5
"""The widest law has 4 parameters; with fewer than 5 sizes nothing says whether it fits."""
USUAL_SIZES, USUAL_SPAN = 8, 32


def log_spaced_sizes(largest: int, *, smallest: int | None = None, count: int = USUAL_SIZES) -> tuple[int, ...]:
    """`count` whole sizes from smallest to largest, each about the same ratio above the one before.

        size_i = largest * (smallest / largest) ** ((count - 1 - i) / (count - 1))

    Args:
        smallest: usual largest / 32, but at least 2; below it learners are in another regime than at their end.
        count: at least 5; usual 8.
    Raises:
        ValueError: fewer than 5 sizes are asked for, or the sizes in between would coincide.
    """
    first = max(2, round(largest / USUAL_SPAN)) if smallest is None else smallest
    if count < LEAST_SIZES:
        raise ValueError(f"count must be at least {LEAST_SIZES} sizes, got {count}; the usual value is {USUAL_SIZES}")
    if not 1 <= first < largest:
        raise ValueError(f"smallest must be in 1..{largest - 1}, below the largest size, got {first}")
    sizes = tuple(np.geomspace(first, largest, count).round().astype(int).tolist())
    if len(set(sizes)) < count:
        raise ValueError(f"count must leave sizes apart, got {count} between {first} and {largest}; ask for fewer")
    return sizes
