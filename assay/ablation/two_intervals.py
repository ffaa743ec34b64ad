"""The 95 % interval of a mean paired difference, by Student's t or by the bootstrap.

Both have two kinds of luck, over seeds and over examples (`assay.paired`). The bootstrap draws seeds again, and
examples again, and adds what the mean moves by:

    mean* - mean = k_seeds (mean of drawn seeds - mean) + k_examples (mean of drawn examples - mean)
    k_seeds      = t(seeds - 1) / z * sqrt(seeds / (seeds - 1))
    k_examples   = sqrt(what examples add to the variance / the variance that drawing them has)

k_seeds widens what few seeds make too narrow: drawn again, 3 seeds vary by a third less than they do, and their own
spread is known from 3 numbers alone. k_examples takes away the noise of one seed and one example, which is in both.
It follows a lopsided spread where t is symmetric; with few seeds there is little to follow.

Source: drawing rows and columns: Owen 2007 (arXiv:0712.1111); widening: Hesterberg 2015 (arXiv:1411.5279), section 5.3.
"""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np

from assay.paired import factors_of, interval_and_power, variances_of_mean

RESAMPLES = 2000
"""50 lie beyond either end: the share left out, .025, is known to .0035."""

AT_ONCE, SEED = 100, 0
"""Draws in memory together; the same draws for the same trainings, so that a study told again reads the same."""


def interval_of(differences: np.ndarray, kind: str) -> tuple[float, float]:
    """Low and high, of a (seeds, examples) table."""
    estimate, (half, _) = float(differences.mean()), interval_and_power(differences)
    if kind == "t" or not any(variances_of_mean(differences)):
        return estimate - half, estimate + half
    moves = bootstrap_moves(differences)
    low, high = np.quantile(moves, [0.025, 0.975])
    return estimate + float(low), estimate + float(high)


def bootstrap_moves(differences: np.ndarray, *, resamples: int = RESAMPLES, seed: int = SEED) -> np.ndarray:
    """(resamples,) by how much the mean moves when seeds and examples are drawn again; the same for the same seed."""
    random = np.random.default_rng(seed)
    of_seeds, of_examples = differences.mean(1), differences.mean(0)
    n, (_, from_examples) = len(of_seeds), variances_of_mean(differences)
    widened = factors_of(n - 1)[0] / NormalDist().inv_cdf(0.975) * math.sqrt(n / (n - 1))
    moves = widened * (random.choice(of_seeds, (resamples, n)).mean(1) - of_seeds.mean())
    if not from_examples:
        return moves
    share = math.sqrt(from_examples * len(of_examples) / float(of_examples.var()))
    return moves + share * (_drawn_means(of_examples, random, resamples) - of_examples.mean())


def _drawn_means(values: np.ndarray, random: np.random.Generator, resamples: int) -> np.ndarray:
    """(resamples,) means of as many values drawn again."""
    n = len(values)
    parts = [values[random.integers(n, size=(AT_ONCE, n))].mean(1) for _ in range(math.ceil(resamples / AT_ONCE))]
    return np.concatenate(parts)[:resamples]
