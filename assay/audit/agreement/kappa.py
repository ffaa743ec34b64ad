"""Agreement beyond chance: Cohen's kappa of two people, Fleiss' of any number, and plain pairwise agreement.

    kappa = (observed - expected) / (1 - expected)

0 is what people would reach who answer at random in their own proportions; 1 is to agree on everything. Where all
answers are of one class nothing is expected to differ, and kappa is not defined: nan.

Intervals are by bootstrap over examples. Examples with the same answers are one cell of a table, and to draw examples
again is to draw the cells' counts from a multinomial: the same resamples, without touching each example.

Source: Cohen 1960, Educational and Psychological Measurement 20, 37-46; Fleiss 1971, Psychological Bulletin 76,
378-382; with unequal numbers of answers an example, Gwet 2014, Handbook of Inter-Rater Reliability, chapter 2.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from jaxtyping import Float, Int
from scipy.sparse import csr_array

from assay.audit.agreement.estimate import Estimate
from assay.randomness import derive_seed

Counts = Int[np.ndarray, "examples classes"]
Weights = Float[np.ndarray, "resamples cells"]
USUAL_RESAMPLES = 1000
TAIL = 0.025


def cohen_kappa(
    first: Int[np.ndarray, " examples"],
    second: Int[np.ndarray, " others"],
    *,
    resamples: int = USUAL_RESAMPLES,
    seed: int = 0,
) -> Estimate:
    """Of two people, over the examples that both answered; -1 is no answer.

    Raises:
        ValueError: the two are of different length, no example has both answers, or resamples are below 1.
    """
    if len(first) != len(second):
        raise ValueError(f"labels must be of one length, got {len(first)} and {len(second)}")
    both = (first >= 0) & (second >= 0)
    if not both.any():
        raise ValueError("labels must share an example that both people answered, got none; let both see some")
    cells, sizes = np.unique(np.stack([first[both], second[both]], axis=1), axis=0, return_counts=True)
    same = (cells[:, 0] == cells[:, 1]).astype(float)
    mine, theirs = (_marked(cells[:, side], int(cells.max()) + 1) for side in (0, 1))
    return _estimate(
        sizes,
        lambda weight: _beyond_chance(weight @ same, ((weight @ mine) * (weight @ theirs)).sum(1)),
        resamples,
        seed,
    )


def fleiss_kappa(counts: Counts, *, resamples: int = USUAL_RESAMPLES, seed: int = 0) -> Estimate:
    """Of any number of people: counts[i, j] of them called example i class j.

    Examples with fewer than two answers say nothing of agreement and are left out.

    Raises:
        ValueError: no example has two answers, or resamples are below 1.
    """
    cells, sizes = _cells_of(counts)
    agreeing, shares = _agreeing_pairs(cells), cells / cells.sum(1, keepdims=True)
    return _estimate(
        sizes, lambda weight: _beyond_chance(weight @ agreeing, ((weight @ shares) ** 2).sum(1)), resamples, seed
    )


def pairwise_agreement(counts: Counts, *, resamples: int = USUAL_RESAMPLES, seed: int = 0) -> Estimate:
    """The share of pairs of answers to the same example that are equal, averaged over examples.

    Raises:
        ValueError: no example has two answers, or resamples are below 1.
    """
    cells, sizes = _cells_of(counts)
    agreeing = _agreeing_pairs(cells)
    return _estimate(sizes, lambda weight: weight @ agreeing, resamples, seed)


def _cells_of(counts: Counts) -> tuple[np.ndarray, np.ndarray]:
    """The different rows with two answers or more, without classes that nobody gave, and how often each occurs."""
    kept = counts[counts.sum(1) >= 2]
    if not len(kept):
        raise ValueError("counts must hold an example with two answers or more, got none; let two people see it")
    return np.unique(kept[:, kept.any(0)], axis=0, return_counts=True)


def _estimate(
    sizes: Int[np.ndarray, " cells"], statistic: Callable[[Weights], np.ndarray], resamples: int, seed: int
) -> Estimate:
    """The statistic of the cells as they are, and the limits of the middle 95 % of it when examples are drawn again."""
    if resamples < 1:
        raise ValueError(f"resamples must be at least 1, got {resamples}; the usual value is {USUAL_RESAMPLES}")
    n = int(sizes.sum())
    value = float(statistic(sizes[None] / n)[0])
    generator = np.random.default_rng(derive_seed(seed, "kappa", n))
    values = statistic(generator.multinomial(n, sizes / n, size=resamples) / n)
    defined = values[np.isfinite(values)]
    low, high = np.quantile(defined, [TAIL, 1 - TAIL]).tolist() if len(defined) else (np.nan, np.nan)
    return Estimate(value, float(low), float(high), n)


def _marked(labels: Int[np.ndarray, " cells"], classes: int) -> csr_array:
    """One row a cell with a 1 at its class; sparse, since there may be ten thousand of each."""
    rows = np.arange(len(labels))
    return csr_array((np.ones(len(labels)), (rows, labels)), shape=(len(labels), classes))


def _agreeing_pairs(counts: Counts) -> Float[np.ndarray, " examples"]:
    answers = counts.sum(1)
    return (counts * (counts - 1)).sum(1) / (answers * (answers - 1.0))


def _beyond_chance(observed: np.ndarray, expected: np.ndarray) -> np.ndarray:
    # A sum of shares that is 1 may fall a rounding short of it.
    room = np.where(1.0 - expected > 1e-12, 1.0 - expected, np.nan)
    return (observed - expected) / room
