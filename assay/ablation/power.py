"""The smallest effect that a study would have found four times in five: by its own looks and its own error rate.

    smallest^2 = (c sigma)^2 + f^2 from_examples        sigma^2: of one seed, n times what n seeds add

c is found by simulation of the rule itself (`assay.ablation.sequential`) on normal seeds of deviation 1: an effect of c
is found in 80 % of 4,000 studies that look, decide and let go as this one does, at the strictest step of Holm's
correction, alpha s_k / m with m all effects of the family. Letting go costs two to five finds of a hundred, so that
Student's t at the last look alone would promise too much; where effects are let go only all together, an effect that is
there seldom goes, and is simulated without. f is the same of luck of examples, which all looks share: t at the level of
the last look. Where others of the family are decided, steps are less strict, and the power is higher.

Sigma is estimated from the seeds there are, so the smallest effect is as sure as they are many.

Source: power at Bonferroni's level as a bound for Holm's: Senn and Bretz 2007 (Pharmaceutical Statistics 6:161).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from assay.ablation.sequential import LEAST_CHANCE, Looks, chance_beyond
from assay.paired import factors_of, half_width, variances_or_least

POWER = 0.8
"""The usual one (Cohen 1988, Statistical Power Analysis)."""

STUDIES = 4_000
"""A share of .8 is known to .006 then (binomial standard error)."""

HALVINGS = 20
"""To a millionth of the size: beyond what so many studies tell."""


@dataclass(frozen=True)
class Plan:
    """How a study looked at each effect of its family.

    family: how many effects share the error rate. final: the look that was the last, which is earlier than the last
    planned one where the time was over. lets_go: whether an effect is let go by itself, and not only with all others.
    """

    looks: Looks
    family: int
    final: int
    lets_go: bool = True

    def __post_init__(self) -> None:
        if self.family < 1 or not 0 <= self.final < len(self.looks.seeds):
            raise ValueError(
                f"family must be at least 1 and final one of {len(self.looks.seeds)} looks from 0, got {self.family} "
                f"and {self.final}"
            )

    def level(self, look: int) -> float:
        """That p has to reach at this look, at Holm's strictest step."""
        return self.looks.alpha * self.looks.share(look, is_last=look == self.final) / self.family


def smallest_found(differences: np.ndarray, plan: Plan) -> float:
    """The true effect that such a study finds four times in five, by the luck that this (seeds, examples) table shows.

    Without any difference at all, one changed example is the least that could be seen.
    """
    from_seeds, from_examples = variances_or_least(differences)
    of_seeds = in_deviations(plan) * math.sqrt(len(differences) * from_seeds)
    if not from_examples:
        return of_seeds
    freedom = max(1, differences.shape[1] - 1)
    return math.hypot(of_seeds, factors_of(freedom, 1 - plan.level(plan.final), POWER)[1] * math.sqrt(from_examples))


@lru_cache(maxsize=256)
def in_deviations(plan: Plan) -> float:
    """c: the same where all luck is of seeds, in deviations of one seed."""
    noise = np.random.default_rng(0).normal(size=(STUDIES, plan.looks.seeds[plan.final]))
    low, high = 0.0, 1.0
    while share_found(high, noise, plan) < POWER:
        low, high = high, 2 * high
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if share_found(middle, noise, plan) < POWER else (low, middle)
    return high


def share_found(effect: float, noise: np.ndarray, plan: Plan) -> float:
    """Of studies with this (studies, seeds) noise, how many find this effect and its sign.

    The rule is that of `assay.ablation.study`, for one effect among others that are not decided.
    """
    found, is_open = np.zeros(len(noise), bool), np.ones(len(noise), bool)
    for look, seeds in enumerate(plan.looks.seeds[: plan.final + 1]):
        means, errors = effect + noise[:, :seeds].mean(1), noise[:, :seeds].std(1, ddof=1) / math.sqrt(seeds)
        decided = is_open & (np.abs(means) >= half_width((1.0,), (seeds - 1,), plan.level(look)) * errors)
        found |= decided & (means > 0)
        is_open &= ~decided
        if look < plan.final and plan.lets_go:
            is_open &= _chances(means, errors, seeds, plan) >= LEAST_CHANCE
    return float(found.mean())


def _chances(means: np.ndarray, errors: np.ndarray, seeds: int, plan: Plan) -> np.ndarray:
    """(studies,) `assay.ablation.sequential.chance_of_deciding` of each, by luck of seeds alone."""
    looks = plan.looks
    level, most = looks.alpha * looks.share(len(looks.seeds) - 1) / plan.family, looks.seeds[-1]
    limits = half_width((seeds / most,), (most - 1,), level) * errors
    return chance_beyond(limits, means, errors, seeds, most)
