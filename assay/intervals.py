"""How sure a number is: intervals for a share of successes, for any statistic of a sample, and for a difference.

No figure reaches a user without its n and its interval; these functions make them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist
from typing import Protocol, runtime_checkable

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


@runtime_checkable
class WithLimits(Protocol):
    """A score between its limits."""

    @property
    def value(self) -> float: ...
    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...


def difference_interval(first: WithLimits, second: WithLimits, correlation: float = 0.0) -> tuple[float, float]:
    """Limits of first - second, of the limits that each has.

        low  = d - sqrt((v - l)^2 + (u' - v')^2 - 2 r (v - l) (u' - v'))      d = v - v', of limits l, u and l', u'
        high = d + sqrt((u - v)^2 + (v' - l')^2 - 2 r (u - v) (v' - l'))

    Args:
        correlation: r, of the two scores example by example where both are of the same examples, else 0.

    Source: Zou and Donner 2008, Statistics in Medicine 27, 1693-1702; of shares Newcombe 1998, ibid. 17, 873-890 and
    2635-2650.
    """
    value = first.value - second.value
    below = _third_side(first.value - first.low, second.high - second.value, correlation)
    above = _third_side(first.high - first.value, second.value - second.low, correlation)
    return value - below, value + above


def _third_side(first: float, second: float, correlation: float) -> float:
    return math.sqrt(max(0.0, first**2 + second**2 - 2 * correlation * first * second))


def _check_confidence(confidence: float) -> None:
    if not 0.0 < confidence < 1.0:
        raise ValueError(f"confidence must be in (0, 1), got {confidence}; the usual value is 0.95")
