"""What a change of recipe was worth: a paired difference with its interval and a verdict.

Both recipes are trained on the same seeds and judged on the same examples, so what the two share
cancels. Two kinds of luck remain: over seeds, of the mean difference (few degrees of freedom), and
over examples, of the difference averaged over seeds (many). Each has its own half-width, and the
squares of the two add up:

    half^2 = t(seeds - 1)^2 * from_seeds + t(examples - 1)^2 * from_examples

Noise that belongs to one seed and one example alone is in both; it is counted with the seeds.
One t for the sum, as Welch and Satterthwaite have it, would cover the truth in 93 % of experiments
with 3 seeds and in 88 % with 2; this covers it in at least 95 %.

Source: the squares add as in Zou & Donner 2008 (Statistics in Medicine 27:1693); paired seeds as in
Bouthillier et al. 2021 (arXiv:2103.03098).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np

from assay.trial import Trial

Verdict = Literal["helps", "hurts", "no measurable effect"]


@dataclass(frozen=True)
class Effect:
    """Mean difference of the metric, treated minus control, with its 95 % interval.

    n: paired seeds. detectable: the smallest true effect that this many seeds and examples would
    have shown with probability .8.
    """

    estimate: float
    low: float
    high: float
    n: int
    detectable: float
    seconds_per_step_ratio: float

    @property
    def verdict(self) -> Verdict:
        if self.low > 0:
            return "helps"
        return "hurts" if self.high < 0 else "no measurable effect"


def paired_effect(control: Sequence[Trial], treated: Sequence[Trial]) -> Effect:
    """Compare trials of two recipes seed by seed.

    Raises:
        ValueError: fewer than two pairs, or the seeds or examples differ.
    """
    if len(control) < 2 or [t.seed for t in control] != [t.seed for t in treated]:
        raise ValueError(
            f"need at least two trials of each recipe on the same seeds, got seeds "
            f"{[t.seed for t in control]} and {[t.seed for t in treated]}"
        )
    if {t.n for t in control} != {t.n for t in treated}:
        raise ValueError("both recipes must be judged on the same validation examples")
    differences = np.stack([b.example_scores - a.example_scores for a, b in zip(control, treated, strict=True)])
    estimate = float(differences.mean())
    half, detectable = interval_and_power(differences)
    ratios = [b.seconds_per_step / a.seconds_per_step for a, b in zip(control, treated, strict=True)]
    return Effect(estimate, estimate - half, estimate + half, len(control), detectable, float(np.median(ratios)))


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


def interval_and_power(differences: np.ndarray) -> tuple[float, float]:
    """Half the width of the mean's 95 % interval, and the smallest true mean it would mostly exclude 0 for."""
    seeds, examples = differences.shape
    variances = variances_of_mean(differences)
    if not any(variances):
        # Without any difference at all, one changed example is the least that could have been seen.
        variances = ((seeds * examples) ** -2.0, 0.0)
    factors = [factors_of(freedom) for freedom in (seeds - 1, max(1, examples - 1))]
    halves, detectables = zip(*factors, strict=True)
    return root_sum_square(halves, variances), root_sum_square(detectables, variances)


def root_sum_square(factors: Sequence[float], variances: Sequence[float]) -> float:
    """Length of the vector of half-widths, factor times standard error each."""
    return math.sqrt(sum(factor**2 * variance for factor, variance in zip(factors, variances, strict=True)))


@lru_cache(maxsize=64)
def factors_of(freedom: int, confidence: float = 0.95, power: float = 0.8) -> tuple[float, float]:
    """Standard errors from a mean to its interval's end, and from 0 to the mean that is seen with `power`."""
    from scipy.optimize import brentq
    from scipy.stats import nct, t

    end = float(t.ppf(0.5 + confidence / 2, freedom))
    seen: Any = brentq(lambda mean: nct.sf(end, freedom, mean) - power, 0.0, 4.0 * end)
    return end, float(seen)
