"""How far the estimated share of wrong labels depends on which examples happened to be drawn.

    share     = 1 - sum over i of given[i] / n * counts[i][i] / sum counts[i]
    interval  = 2.5 and 97.5 % of it when the n examples are drawn again with replacement

Examples with one given label and one likely class are alike, so it is their number that is drawn.

Source: Efron 1979, Annals of Statistics 7, 1-26 (bootstrap); the share: Northcutt et al. 2021 (arXiv:1911.00068).
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Int

RESAMPLES = 200


def noise_interval(
    labels: Int[np.ndarray, " n"], likely: Int[np.ndarray, " n"], *, resamples: int = RESAMPLES, seed: int = 0
) -> tuple[float, float]:
    """Limits of the share of wrong labels.

    Args:
        likely: the class each example is counted for, -1 where for none (`likely_classes`).
    """
    pairs, sizes = np.unique(np.stack([labels, likely]), axis=1, return_counts=True)
    given, counted = pairs[0], pairs[1] >= 0
    right = pairs[0] == pairs[1]
    draw, n, classes = np.random.default_rng(seed), len(labels), int(labels.max()) + 1
    shares = np.empty(resamples)
    for place in range(resamples):
        drawn = draw.multinomial(n, sizes / n).astype(np.float64)
        totals = np.bincount(given, drawn * counted, classes)
        diagonal = np.bincount(given, drawn * right, classes)
        kept = np.where(totals > 0, diagonal / np.maximum(totals, 1), 1.0)
        shares[place] = 1 - (np.bincount(given, drawn, classes) / n * kept).sum()
    low, high = np.quantile(np.clip(shares, 0, 1), [0.025, 0.975])
    return float(low), float(high)
