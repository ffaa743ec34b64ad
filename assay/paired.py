"""How sure a mean paired difference is, over seeds and over examples.

Two ways of training are tried on the same seeds and judged on the same examples, so what the two share
cancels. Two kinds of luck remain: over seeds, of the mean difference (few degrees of freedom), and
over examples, of the difference averaged over seeds (many). Each has its own half-width, and the
squares of the two add up:

    half^2 = t(seeds - 1)^2 * from_seeds + t(examples - 1)^2 * from_examples

Noise that belongs to one seed and one example alone is in both; it is counted with the seeds.
One t for the sum, as Welch and Satterthwaite have it, would cover the truth in 93 % of experiments
with 3 seeds and in 88 % with 2; this covers it in at least 95 %.

A few seeds may agree by luck, and an interval is then narrower than its examples alone allow: of 2, 3 and 5 seeds that
add no luck of their own in 12, 19 and 26 % of experiments, in which it holds the truth in 69, 79 and 86 %. Over all
experiments it is 96 % all the same, and 95 to 99 % with luck of seeds and of examples (10,000 experiments a row). To
raise the seeds' part to at least what one seed and example add,

    max(t(seeds - 1)^2 * from_seeds, t^2 * from_both)

mends those, and holds the truth in 98 to 99 % of all without luck of seeds, above the 97 % that an interval of 95 % may
have. So it is not done.

Source: the squares add as in Zou & Donner 2008 (Statistics in Medicine 27:1693); paired seeds as in
Bouthillier et al. 2021 (arXiv:2103.03098).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

LEAST_P = 1e-300


def variances_of_mean(differences: np.ndarray) -> tuple[float, float]:
    """What seeds, and what examples beyond them, add to the variance of the mean of a (seeds, examples) table."""
    seeds, examples = differences.shape
    of_seeds, of_examples = differences.mean(1), differences.mean(0)
    from_seeds = float(of_seeds.var(ddof=1)) / seeds
    if examples == 1:
        return from_seeds, 0.0
    alone = differences - of_seeds[:, None] - of_examples + differences.mean()
    shared = float(np.square(alone).sum()) / ((seeds - 1) * (examples - 1)) / (seeds * examples)
    return from_seeds, max(0.0, float(of_examples.var(ddof=1)) / examples - shared)


def p_value(differences: np.ndarray) -> float:
    """The largest p at which the mean's interval of confidence 1 - p still reaches 0, of a (seeds, examples) table.

    The interval is that of `interval_and_power`, so p < .05 says the same as an interval that excludes 0. Where nothing
    differs at all it is 1.
    """
    estimate = abs(float(differences.mean()))
    if estimate == 0.0:
        return 1.0
    freedoms = _freedoms(differences)
    variances = variances_or_least(differences)
    if not variances[1] or not variances[0]:
        return _two_sided(estimate, variances, freedoms)
    return _where_it_reaches_zero(estimate, variances, freedoms)


def _two_sided(estimate: float, variances: Sequence[float], freedoms: Sequence[int]) -> float:
    """Student's p where luck is of one kind."""
    from scipy.special import stdtr

    kind = 0 if variances[0] else 1
    return float(2 * stdtr(freedoms[kind], -estimate / math.sqrt(variances[kind])))


def _where_it_reaches_zero(estimate: float, variances: Sequence[float], freedoms: Sequence[int]) -> float:
    """The p whose half-width is the estimate; half-widths grow as p falls."""
    from scipy.optimize import brentq

    def excess(logarithm: float) -> float:
        return half_width(variances, freedoms, math.exp(logarithm)) - estimate

    low = math.log(LEAST_P)
    if excess(low) <= 0:
        return LEAST_P
    return math.exp(float(brentq(excess, low, 0.0)))  # pyright: ignore[reportArgumentType]


def _freedoms(differences: np.ndarray) -> tuple[int, int]:
    seeds, examples = differences.shape
    return seeds - 1, max(1, examples - 1)


def variances_or_least(differences: np.ndarray) -> tuple[float, float]:
    """Of both kinds of luck; without any difference at all, one changed example is the least that could be seen."""
    variances = variances_of_mean(differences)
    return variances if any(variances) else (float(differences.size) ** -2.0, 0.0)


def interval_and_power(differences: np.ndarray) -> tuple[float, float]:
    """Half the width of the mean's 95 % interval, and the true mean for which it excludes 0 four times in five.

    Both are of one comparison at one look. What a study with a family of effects would have found is told by
    `assay.ablation.power`.
    """
    variances = variances_or_least(differences)
    factors = [factors_of(freedom) for freedom in _freedoms(differences)]
    halves, detectables = zip(*factors, strict=True)
    return root_sum_square(halves, variances), root_sum_square(detectables, variances)


def half_width(variances: Sequence[float], freedoms: Sequence[int], p: float) -> float:
    """Of the interval that is left out with chance p."""
    from scipy.special import stdtrit

    return root_sum_square([-float(stdtrit(freedom, p / 2)) for freedom in freedoms], variances)


def root_sum_square(factors: Sequence[float], variances: Sequence[float]) -> float:
    """Length of the vector of half-widths, factor times standard error each."""
    return math.hypot(*(factor * math.sqrt(variance) for factor, variance in zip(factors, variances, strict=True)))


@lru_cache(maxsize=64)
def factors_of(freedom: int, confidence: float = 0.95, power: float = 0.8) -> tuple[float, float]:
    """Standard errors from a mean to its interval's end, and from 0 to the mean that is seen with `power`."""
    from scipy.optimize import brentq
    from scipy.stats import nct, t

    end = float(t.ppf(0.5 + confidence / 2, freedom))
    seen: Any = brentq(lambda mean: nct.sf(end, freedom, mean) - power, 0.0, 4.0 * end)
    return end, float(seen)
