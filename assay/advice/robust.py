"""Statistics that a few wild mini-batches do not move: medians, ranks, slopes between all pairs."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

MOST_POINTS = 200
SURE = 1e-3
"""Chance of finding by accident what a rank test finds; small, as many curves are looked at."""


@dataclass(frozen=True)
class Slope:
    """A slope with its 99 % interval."""

    value: float
    low: float
    high: float

    @property
    def falls(self) -> bool:
        return self.high < 0


def noise_of(values: np.ndarray) -> float:
    """Deviation of single values about a curve that moves little between neighbours.

    noise = 1.4826 median |v[i + 1] - v[i]| / sqrt(2)

    Source: von Neumann 1941, Annals of Mathematical Statistics 12, 367-395, with the median in place of the mean.
    """
    return 1.4826 * float(np.median(np.abs(np.diff(values)))) / math.sqrt(2.0) if len(values) > 1 else 0.0


def running_median(values: np.ndarray, width: int) -> np.ndarray:
    """The median of about `width` neighbours of each value; fewer at the ends."""
    half = max(0, width // 2)
    padded = np.pad(np.asarray(values, dtype=float), half, constant_values=np.nan)
    return np.nanmedian(np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1), axis=1)


def slope_of(x: np.ndarray, y: np.ndarray) -> Slope:
    """The median of the slopes between all pairs of points, of many points about `MOST_POINTS` evenly spaced ones.

    Source: Sen 1968, Journal of the American Statistical Association 63, 1379-1389.
    """
    from scipy.stats import theilslopes

    every = max(1, len(x) // MOST_POINTS)
    value, _, low, high = np.asarray(theilslopes(y[::every], x[::every], alpha=0.99), dtype=float)
    return Slope(float(value), float(low), float(high))


def is_lower(first: np.ndarray, second: np.ndarray) -> bool:
    """Whether values of the first are lower than values of the second, beyond doubt.

    Source: Mann and Whitney 1947, Annals of Mathematical Statistics 18, 50-60.
    """
    from scipy.stats import mannwhitneyu

    return bool(mannwhitneyu(first, second, alternative="less").pvalue < SURE)


def is_rising(values: np.ndarray, chance: float = 0.05) -> bool:
    """Whether values rise from one to the next more often than by chance; four that all do are the fewest that can.

    Source: Kendall 1938, Biometrika 30, 81-93.
    """
    from scipy.stats import kendalltau

    if len(values) < 4 or np.ptp(values) == 0:
        return False
    _, found = np.asarray(kendalltau(np.arange(len(values)), values, alternative="greater"), dtype=float)
    return bool(found < chance)
