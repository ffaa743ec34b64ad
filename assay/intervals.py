"""How sure a number is: intervals for a share of successes, and for any statistic of a sample.

No figure reaches a user without its n and its interval; these two functions make them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist

import numpy as np
import torch
from torch import Tensor

from assay.randomness import generator_for


def wilson_interval(successes: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Limits between which the true share of successes lies, seen `successes` in `n` trials.

        centre = (p + z^2 / 2n) / (1 + z^2 / n)
        half   = z sqrt(p (1 - p) / n + z^2 / 4n^2) / (1 + z^2 / n)      with p = successes / n

    Unlike p ± z sqrt(p (1 - p) / n) it stays inside [0, 1] and keeps its width at p = 0 and p = 1.

    Args:
        confidence: share of such intervals that hold the truth, in (0, 1); z is its normal quantile.
    Raises:
        ValueError: n is below 1, successes are outside 0..n, or confidence is outside (0, 1).

    Source: Wilson 1927, Journal of the American Statistical Association 22, 209-212.
    """
    _check_confidence(confidence)
    if n < 1 or not 0 <= successes <= n:
        raise ValueError(f"a share needs n >= 1 and 0 <= successes <= n, got successes={successes}, n={n}")
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    share, shrink = successes / n, 1 + z * z / n
    centre = (share + z * z / (2 * n)) / shrink
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / shrink
    # At the ends the formula gives 0 and 1 exactly; rounding would leave them a hair off.
    low = 0.0 if successes == 0 else max(0.0, centre - half)
    high = 1.0 if successes == n else min(1.0, centre + half)
    return low, high


def bootstrap_interval(
    examples: Tensor | np.ndarray,
    statistic: Callable[[Tensor], float | Tensor],
    *,
    confidence: float = 0.95,
    resamples: int = 1000,
    seed: int = 0,
) -> tuple[float, float]:
    """Percentile interval of `statistic(examples)` when rows are drawn again with replacement.

    A row is one example and stays whole: to keep a prediction with its target, stack them as columns.
    The same seed gives the same interval. It is approximate: below about 30 rows it is too narrow.

    Args:
        statistic: maps rows like `examples` to one number; resamples where it is nan do not count.
        resamples: usual 1000; the limits' own noise falls with its square root.
    Raises:
        ValueError: no examples, no resamples, or confidence outside (0, 1).

    Source: Efron 1979, Annals of Statistics 7, 1-26; percentile limits, Efron and Tibshirani 1993, chapter 13.
    """
    _check_confidence(confidence)
    rows = torch.as_tensor(examples)
    n = len(rows)
    if n < 1 or resamples < 1:
        raise ValueError(f"needs at least 1 example and 1 resample (usual 1000), got n={n}, resamples={resamples}")
    generator = generator_for(seed, "bootstrap", n)
    drawn = (torch.randint(n, (n,), generator=generator) for _ in range(resamples))
    values = torch.tensor([float(statistic(rows[indices])) for indices in drawn], dtype=torch.float64)
    tail = (1 - confidence) / 2
    low, high = torch.nanquantile(values, torch.tensor([tail, 1 - tail], dtype=torch.float64)).tolist()
    return low, high


def _check_confidence(confidence: float) -> None:
    if not 0.0 < confidence < 1.0:
        raise ValueError(f"confidence must be in (0, 1), got {confidence}; the usual value is 0.95")
