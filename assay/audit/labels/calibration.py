"""Calibration: each member as sure as it may be, before members are weighed against each other.

    sharpened p = softmax(sharpness * log p)
    sharpness   = argmax of mean log[(1 - lost) * sharpened p[given] + lost * frequency[given]]

A forest that sees little is right more often than it dares to say, a network that has memorised less often. `lost` is
the share of labels that no model could foresee, and is fitted along: without it every wrong label would count as
overconfidence, and the more noise the flatter all members would become.

Source: Guo et al. 2017 (arXiv:1706.04599), section 4: temperature scaling; sharpness is 1 / temperature.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int
from scipy.optimize import minimize_scalar
from scipy.special import softmax

from assay.audit.labels.given import BLOCK_ENTRIES, row_blocks
from assay.audit.labels.stacking import frequencies_of, stacking_weights

FLOOR = 1e-3
"""Over the number of classes: below it a probability says no more. Fifteen neighbours of which none votes do not prove
that none could."""
BOUNDS = (-1.5, 2.5)
"""Of log sharpness: temperatures from 4.5 down to 0.08."""
ENOUGH_ROWS = 20_000


def sharpen(values: Float[np.ndarray, "n classes"], sharpness: float) -> Float[np.ndarray, "n classes"]:
    """Probabilities to the power of `sharpness`, over their sum."""
    floor = FLOOR / values.shape[1]
    return softmax(sharpness * np.log(np.maximum(values.astype(np.float64), floor)), axis=1)


def fit_sharpness(values: Float[np.ndarray, "n classes"], labels: Int[np.ndarray, " n"]) -> tuple[float, float]:
    """The best sharpness, and the mean log-likelihood of the given labels at it: the member's quality, in nats.

    A weak pull towards 1 keeps a few dozen labels from fixing it.

    Of more than 20,000 rows, or four million numbers, it reads as many as that, evenly spaced.
    """
    n, classes = values.shape
    rows = np.unique(np.linspace(0, n - 1, max(1, min(n, ENOUGH_ROWS, BLOCK_ENTRIES // classes))).astype(np.int64))
    some, given, frequencies = values[rows], labels[rows], frequencies_of(labels, classes)[rows]

    def loss(log_sharpness: float) -> float:
        own = sharpen(some, float(np.exp(log_sharpness)))[np.arange(len(rows)), given]
        pair = np.maximum(np.stack([own, frequencies]), FLOOR / classes)
        # A few dozen labels, all foreseen, are no reason to be infinitely sure: a normal prior of deviation 1.
        return -float(np.log(stacking_weights(pair) @ pair).mean()) + log_sharpness**2 / (2 * len(rows))

    best = minimize_scalar(loss, bounds=BOUNDS, method="bounded", options={"xatol": 0.02})
    return float(np.exp(best.x)), float(best.x) ** 2 / (2 * len(rows)) - float(best.fun)


def sharpened_own(
    values: Float[np.ndarray, "n classes"], labels: Int[np.ndarray, " n"], sharpness: float
) -> Float[np.ndarray, " n"]:
    """The sharpened probability of each given label."""
    found = np.empty(len(labels))
    for rows in row_blocks(len(labels), values.shape[1]):
        block = sharpen(values[rows], sharpness)
        found[rows] = block[np.arange(len(block)), labels[rows]]
    return found
