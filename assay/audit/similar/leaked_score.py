"""The score with and without the test examples that have a twin in training.

    with    = correct / n                          over all test examples
    without = correct / n                          over those without a twin
    change  = without - with = share (without - accuracy on the leaked ones)

Both scores are of one model on one test set, so their difference is paired: its interval is that of the leaked
examples' accuracy against the others', times the share that leaked.

Source: Barz and Denzler 2020, Do We Train on Test Data?, section 5 (arXiv:1902.00423).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from assay.intervals import wilson_interval


@dataclass(frozen=True)
class Share:
    """Correct of n, with its Wilson interval."""

    correct: int
    n: int
    interval: tuple[float, float]

    @property
    def accuracy(self) -> float:
        return self.correct / self.n


@dataclass(frozen=True)
class LeakedScore:
    """Accuracy over all examples, over those that did not leak, and over those that did.

    change: accuracy without the leaked examples less accuracy over all; below 0 where memory helped.
    """

    everything: Share
    without_leaked: Share
    leaked: Share | None
    change: float
    change_interval: tuple[float, float]


def score_without_leaked(correct: np.ndarray, leaked: np.ndarray, *, confidence: float = 0.95) -> LeakedScore:
    """Both accuracies and their paired difference.

    Args:
        correct: (n,) whether each test example was predicted right.
        leaked: (n,) whether it has a twin in training.
    Raises:
        ValueError: the two are not of one length or not true and false, or nothing is left without the leaked ones.
    """
    correct, leaked = np.asarray(correct), np.asarray(leaked)
    if correct.dtype != bool or leaked.dtype != bool:
        raise ValueError(f"correct and leaked must be true or false for each example, got {correct.dtype} and "
                         f"{leaked.dtype}; compare predictions with labels first")  # fmt: skip
    if correct.shape != leaked.shape or correct.ndim != 1:
        raise ValueError(f"correct and leaked must have one entry for each example, got shapes {correct.shape} and "
                         f"{leaked.shape}; give both for all test examples")  # fmt: skip
    if leaked.all():
        raise ValueError(f"some test example must not have leaked, got {len(leaked)} of {len(leaked)} leaked; "
                         "there is no score without them")  # fmt: skip
    whole, clean = _share(correct, confidence), _share(correct[~leaked], confidence)
    if not leaked.any():
        return LeakedScore(whole, clean, None, 0.0, (0.0, 0.0))
    twins, share = _share(correct[leaked], confidence), float(leaked.mean())
    low, high = _difference(clean, twins, confidence)
    return LeakedScore(whole, clean, twins, clean.accuracy - whole.accuracy, (share * low, share * high))


def _share(correct: np.ndarray, confidence: float) -> Share:
    hits = int(correct.sum())
    return Share(hits, len(correct), wilson_interval(hits, len(correct), confidence))


def _difference(first: Share, second: Share, confidence: float) -> tuple[float, float]:
    """Interval of first - second, each with one more success and one more failure (Agresti and Caffo 2000)."""
    from scipy.special import ndtri

    one, other = ((share.correct + 1) / (share.n + 2) for share in (first, second))
    spread = math.sqrt(one * (1 - one) / (first.n + 2) + other * (1 - other) / (second.n + 2))
    half = float(ndtri(0.5 + confidence / 2)) * spread
    return max(-1.0, one - other - half), min(1.0, one - other + half)
