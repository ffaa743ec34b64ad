"""Agreement beyond chance: Cohen's kappa of two people, Fleiss' of any number, and plain pairwise agreement.

    kappa = (observed - expected) / (1 - expected)

0 is what people would reach who answer at random in their own proportions; 1 is to agree on everything. Where all
answers are of one class nothing is expected to differ, and kappa is not defined: nan.

Source: Cohen 1960, Educational and Psychological Measurement 20, 37-46; Fleiss 1971, Psychological Bulletin 76,
378-382; with unequal numbers of answers an example, Gwet 2014, Handbook of Inter-Rater Reliability, chapter 2.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from jaxtyping import Int
from torch import Tensor

from assay.audit.agreement.estimate import Estimate
from assay.intervals import bootstrap_interval

Counts = Int[np.ndarray, "examples classes"]
USUAL_RESAMPLES = 1000


def cohen_kappa(
    first: Int[np.ndarray, " examples"],
    second: Int[np.ndarray, " others"],
    *,
    resamples: int = USUAL_RESAMPLES,
    seed: int = 0,
) -> Estimate:
    """Of two people, over the examples that both answered (-1 is no answer), with a bootstrap over examples.

    Raises:
        ValueError: the two are of different length, or no example has both answers.
    """
    if len(first) != len(second):
        raise ValueError(f"labels must be of one length, got {len(first)} and {len(second)}")
    both = (first >= 0) & (second >= 0)
    if not both.any():
        raise ValueError("labels must share an example that both people answered, got none; let both see some")
    names, compact = np.unique(np.stack([first[both], second[both]], axis=1), return_inverse=True)
    pairs = torch.from_numpy(compact.reshape(-1, 2))
    return _estimate(pairs, lambda rows: _cohen(rows, len(names)), resamples, seed)


def fleiss_kappa(counts: Counts, *, resamples: int = USUAL_RESAMPLES, seed: int = 0) -> Estimate:
    """Of any number of people: counts[i, j] of them called example i class j. Interval by bootstrap over examples.

    Examples with fewer than two answers say nothing of agreement and are left out.

    Raises:
        ValueError: no example has two answers.
    """
    rows = _answered_twice(counts)
    agreeing, shares = _agreeing_pairs(rows), rows.double() / rows.sum(1, keepdim=True)

    def kappa(chosen: Tensor) -> float:
        weight = torch.bincount(chosen, minlength=len(rows)).double() / len(chosen)
        overall = weight @ shares
        return _beyond_chance(float(weight @ agreeing), float(overall @ overall))

    return _estimate(torch.arange(len(rows)), kappa, resamples, seed)


def pairwise_agreement(counts: Counts, *, resamples: int = USUAL_RESAMPLES, seed: int = 0) -> Estimate:
    """The share of pairs of answers to the same example that are equal, averaged over examples.

    Raises:
        ValueError: no example has two answers.
    """
    return _estimate(_agreeing_pairs(_answered_twice(counts)), lambda rows: float(rows.mean()), resamples, seed)


def _answered_twice(counts: Counts) -> Tensor:
    """The rows with two answers or more, without classes that nobody gave."""
    kept = counts[counts.sum(1) >= 2]
    if not len(kept):
        raise ValueError("counts must hold an example with two answers or more, got none; let two people see it")
    return torch.from_numpy(kept[:, kept.any(0)])


def _estimate(rows: Tensor, statistic: Callable[[Tensor], float], resamples: int, seed: int) -> Estimate:
    low, high = bootstrap_interval(rows, statistic, resamples=resamples, seed=seed)
    return Estimate(statistic(rows), low, high, len(rows))


def _cohen(pairs: Tensor, classes: int) -> float:
    first, second = (torch.bincount(pairs[:, side], minlength=classes).double() / len(pairs) for side in (0, 1))
    return _beyond_chance(float((pairs[:, 0] == pairs[:, 1]).double().mean()), float(first @ second))


def _agreeing_pairs(counts: Tensor) -> Tensor:
    answers = counts.sum(1).double()
    return (counts * (counts - 1)).sum(1) / (answers * (answers - 1))


def _beyond_chance(observed: float, expected: float) -> float:
    # A sum of shares that is 1 may fall a rounding short of it.
    return (observed - expected) / (1.0 - expected) if 1.0 - expected > 1e-12 else float("nan")
