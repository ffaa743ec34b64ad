"""Many comparisons: what a chance is worth when it is the smallest of many."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float


def correct_by_holm(chances: Sequence[float] | Float[np.ndarray, " comparisons"]) -> Float[np.ndarray, " comparisons"]:
    """Chances corrected for how many were compared, in the order they came in.

        corrected of rank r = max over ranks q <= r of min(1, (comparisons - q) * chance of rank q)     ranks from 0

    Where nothing differs, the least corrected chance is below a limit with at most that probability, however the
    comparisons hang together.

    Source: Holm 1979, Scandinavian Journal of Statistics 6, 65-70.
    """
    values = np.asarray(chances, dtype=np.float64)
    order = np.argsort(values, kind="stable")
    factors = len(values) - np.arange(len(values))
    corrected = np.empty(len(values))
    corrected[order] = np.maximum.accumulate(np.minimum(1.0, factors * values[order]))
    return corrected
