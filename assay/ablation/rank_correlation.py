"""Whether two measurements put the same things in the same order, and how sure that is of few things.

    Spearman  rho = correlation of the ranks           interval: tanh(atanh(rho) ± 1.96 sqrt((1 + rho² / 2) / (n - 3)))
    Kendall   tau = 2 P(same order) - 1                interval: tanh(atanh(tau) ± t(n - 2) sqrt(0.437 / (n - 4)))

The intervals are over the things: what else might have been measured. Kendall's has Student's t, since its variance is
only right near 0. Ranks that agree in full are taken for half a swap less, else their interval would have no width. Of
fewer than five things there is no interval but [-1, 1]. p: how often ranks drawn at random agree or disagree as much.

Source: Bonett & Wright 2000 (Psychometrika 65:23); Fieller, Hartley & Pearson 1957 (Biometrika 44:470).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

FEWEST_RANKED, FEWEST_FOR_AN_INTERVAL = 3, 5
"""Two can only agree in full or not at all; Kendall's variance, with n - 4 below it, is there from five on."""

SHUFFLES = 9_999
"""With the ranks as they are one of 10,000: a p of .05 is known to .002."""

SPEARMAN_SWAP, KENDALL_SWAP = 6.0, 2.0
"""Half of what a swap of neighbours takes from 1, times n (n^2 - 1) and n (n - 1): they take 12 and 4 by these."""


@dataclass(frozen=True)
class RankCorrelation:
    """An estimate in [-1, 1] with its 95 % interval, and the p of no association; nan where nothing differs."""

    estimate: float
    low: float
    high: float
    p: float


def spearman(x: Sequence[float], y: Sequence[float]) -> RankCorrelation:
    """Correlation of the ranks.

    Raises:
        ValueError: fewer than three pairs, or lengths differ.
    """
    from scipy.stats import rankdata

    n = _count(x, y)
    first, second = _centred(rankdata(x)), _centred(rankdata(y))
    length = float(np.linalg.norm(first) * np.linalg.norm(second))
    if not length:
        return _unknown()
    estimate = float(first @ second) / length
    p = _by_shuffling(first, second)
    if n < FEWEST_FOR_AN_INTERVAL:
        return RankCorrelation(estimate, -1.0, 1.0, p)
    spread = math.sqrt((1 + estimate**2 / 2) / (n - 3))
    low, high = _interval(estimate, 1 - SPEARMAN_SWAP / (n * (n * n - 1)), 1.96 * spread)
    return RankCorrelation(estimate, low, high, p)


def kendall(x: Sequence[float], y: Sequence[float]) -> RankCorrelation:
    """Share of pairs in the same order minus share in the opposite one; ties as in tau-b.

    Raises:
        ValueError: fewer than three pairs, or lengths differ.
    """
    from scipy.stats import kendalltau, t

    n = _count(x, y)
    found: Any = kendalltau(x, y)
    estimate, p = float(found.statistic), float(found.pvalue)
    if math.isnan(estimate):
        return _unknown()
    if n < FEWEST_FOR_AN_INTERVAL:
        return RankCorrelation(estimate, -1.0, 1.0, p)
    half = float(t.ppf(0.975, n - 2)) * math.sqrt(0.437 / (n - 4))
    low, high = _interval(estimate, 1 - KENDALL_SWAP / (n * (n - 1)), half)
    return RankCorrelation(estimate, low, high, p)


def _interval(estimate: float, most: float, half: float) -> tuple[float, float]:
    """On Fisher's scale; an end is 1 or -1 where ranks agree or disagree in full."""
    middle = math.atanh(min(max(estimate, -most), most))
    low, high = math.tanh(middle - half), math.tanh(middle + half)
    return (-1.0 if estimate < -most else low), (1.0 if estimate > most else high)


def _by_shuffling(first: np.ndarray, second: np.ndarray) -> float:
    """All orders of up to seven things, else many at random."""
    from scipy.stats import permutation_test

    found = permutation_test((first,), lambda ranks, axis: (np.moveaxis(ranks, axis, -1) * second).sum(-1),
                             vectorized=True, permutation_type="pairings", n_resamples=SHUFFLES,
                             rng=np.random.default_rng(0))  # fmt: skip
    return float(found.pvalue)


def _count(x: Sequence[float], y: Sequence[float]) -> int:
    if len(x) != len(y) or len(x) < FEWEST_RANKED:
        raise ValueError(f"need at least {FEWEST_RANKED} pairs to compare orders, got {len(x)} and {len(y)} values")
    return len(x)


def _centred(ranks: np.ndarray) -> np.ndarray:
    return ranks - ranks.mean()


def _unknown() -> RankCorrelation:
    return RankCorrelation(math.nan, -1.0, 1.0, math.nan)
