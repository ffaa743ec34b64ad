"""Are these numbers probabilities, or their logarithms?

    probabilities: none is negative, and they sum to 1;    logarithms: their exponentials sum to 1

over the classes, up to the rounding of single precision.
"""

from __future__ import annotations

from torch import Tensor

SUM_TOLERANCE = 1e-3


def are_distributions(numbers: Tensor, axis: int = -1) -> bool:
    """Whether all along the axis are probabilities; so it is where there are none."""
    numbers = numbers.double()
    return bool((numbers >= 0).all()) and _sum_to_one(numbers, axis)


def are_log_distributions(numbers: Tensor, axis: int = -1) -> bool:
    """Whether the exponentials of all along the axis sum to 1."""
    return _sum_to_one(numbers.double().exp(), axis)


def _sum_to_one(numbers: Tensor, axis: int) -> bool:
    return bool(((numbers.sum(axis) - 1).abs() < SUM_TOLERANCE).all())
