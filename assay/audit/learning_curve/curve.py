"""What was measured: errors of every subset size under every seed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from jaxtyping import Float

from assay.audit.learning_curve.sizes import LEAST_SIZES

LEAST_SEEDS = 3
"""With two the level of a curve is known to within a factor of 13 of its spread; with three, of 4."""
LEAST_SPAN = 4.0


@dataclass(frozen=True, eq=False)
class Curve:
    """Errors on the same held-out examples, paired: row i, column k is size i under seed k.

    errors: above 0 for every size on average: shares of wrong answers, or any loss that falls towards a floor.
    class_errors: errors[i, k] class by class, where known; NaN where a class has no held-out example.
    """

    sizes: tuple[int, ...]
    errors: Float[np.ndarray, "sizes seeds"]
    class_errors: Float[np.ndarray, "sizes seeds classes"] | None = None

    def __post_init__(self) -> None:
        _check_sizes(self.sizes)
        if self.errors.shape[0] != len(self.sizes):
            raise ValueError(f"errors must have a row for each of {len(self.sizes)} sizes, got {len(self.errors)} rows")
        if self.errors.shape[1] < LEAST_SEEDS:
            raise ValueError(
                f"errors must have at least {LEAST_SEEDS} seeds (columns), got {self.errors.shape[1]}; train more often"
            )
        wrong = ~(np.isfinite(self.errors) & (self.errors >= 0))
        if wrong.any():
            row, column = np.argwhere(wrong)[0].tolist()
            raise ValueError(
                f"errors must be finite and at least 0, got {self.errors[row, column]} at size {self.sizes[row]}, "
                f"seed {column}; repeat that training"
            )

    @property
    def means(self) -> Float[np.ndarray, " sizes"]:
        return self.errors.mean(1)

    @property
    def largest(self) -> int:
        return self.sizes[-1]

    def beginning_at(self, size: int) -> Curve:
        """The part of the curve from this size on.

        Raises:
            ValueError: fewer than 5 of the sizes are left.
        """
        first = sum(measured < size for measured in self.sizes)
        classes = None if self.class_errors is None else self.class_errors[first:]
        return replace(self, sizes=self.sizes[first:], errors=self.errors[first:], class_errors=classes)

    def up_to(self, size: int) -> Curve:
        """The part of the curve that smaller data would have shown.

        Raises:
            ValueError: fewer than 5 of the sizes are left.
        """
        count = sum(measured <= size for measured in self.sizes)
        classes = None if self.class_errors is None else self.class_errors[:count]
        return replace(self, sizes=self.sizes[:count], errors=self.errors[:count], class_errors=classes)


def _check_sizes(sizes: tuple[int, ...]) -> None:
    if len(sizes) < LEAST_SIZES:
        raise ValueError(
            f"sizes must be at least {LEAST_SIZES}, got {len(sizes)}: a law of 4 parameters passes through fewer "
            "whatever the truth is; measure more sizes"
        )
    if sizes[0] < 1 or any(after <= before for before, after in pairwise(sizes)):
        raise ValueError(f"sizes must be positive and rise, got {sizes}; sort them, each once")
    if sizes[-1] < LEAST_SPAN * sizes[0]:
        raise ValueError(
            f"sizes must span a factor of {LEAST_SPAN:g} or more, got {sizes[0]} to {sizes[-1]}; begin with fewer"
        )
