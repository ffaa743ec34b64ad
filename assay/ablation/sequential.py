"""Looking several times: which tricks are clear already, and for which more seeds are worth their time.

At look k, with the share s_k of the error rate (they sum to 1) and r tricks not yet decided,

    trick j is decided when    p_j <= alpha s_k / r           again, as long as one is
    s_k = t_k^3 - t_(k-1)^3    with t_k = seeds at look k / most seeds

The same, as a p that is adjusted for the family and the looks: with p_(1) <= p_(2) <= ... those of look k,

    adjusted p_(j) = the least over looks of    max over i <= j of    p_(i) (r - i + 1) / s_k    and at most 1

so a trick is decided exactly where its adjusted p is at most alpha.

Over all looks and tricks together, the chance that a trick without any effect is said to have one is at most alpha,
however the tricks' trainings depend on each other: of a set of tricks without effect, the first to be decided would
need a p below alpha s_k / (their number), and these chances sum to alpha. What a decided trick leaves over is shared
by the others, as Holm does. A trick that will hardly be decided even with the most seeds is let go: that takes chances
of deciding away, so it costs no error.

Source: Maurer and Bretz 2013, Multiple Testing in Group Sequential Trials Using Graphical Approaches; spending t^3:
Kim and DeMets 1987; Holm 1979; letting go by predictive probability: Spiegelhalter, Freedman and Blackburn 1986.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from assay.paired import half_width, variances_of_mean

USUAL_LOOKS = (3, 5, 8, 12)
"""Three is the fewest of which the spread says anything; each next half to two thirds more."""

LEAST_CHANCE = 0.2
"""Chosen with the looks by trainings saved in drawn studies, on another seed than those that measure them."""

Numbers = TypeVar("Numbers", float, np.ndarray)


@dataclass(frozen=True)
class Looks:
    """seeds: after how many trainings of each arm it is looked, ascending. alpha: of the whole family of tricks."""

    seeds: tuple[int, ...] = USUAL_LOOKS
    alpha: float = 0.05

    def __post_init__(self) -> None:
        ascending = all(one < other for one, other in zip(self.seeds, self.seeds[1:], strict=False))
        if not self.seeds or self.seeds[0] < 2 or not ascending:
            raise ValueError(f"seeds must ascend from at least 2, got {self.seeds}; for instance {USUAL_LOOKS}")
        if not 0.0 < self.alpha < 1.0:
            raise ValueError(f"alpha must be in (0, 1), got {self.alpha}; the usual value is 0.05")

    def share(self, look: int, *, is_last: bool = False) -> float:
        """Of alpha, what look 0, 1, ... may spend; the last one, for whatever reason not in the data, all that is left.

        Raises:
            ValueError: there is no such look.
        """
        if not 0 <= look < len(self.seeds):
            raise ValueError(f"look must be in 0..{len(self.seeds) - 1}, got {look}")
        before = (self.seeds[look - 1] / self.seeds[-1]) ** 3 if look else 0.0
        upto = 1.0 if is_last else (self.seeds[look] / self.seeds[-1]) ** 3
        return upto - before


def decide(p_values: Mapping[str, float], share: float, *, alpha: float = 0.05) -> tuple[str, ...]:
    """Those of the undecided tricks that are clear at this look, the clearest first.

    Args:
        p_values: of all tricks of the family that are not decided, those that were let go too.
        share: of alpha, that this look may spend.
    """
    return tuple(name for name, p in adjust(p_values, share).items() if p <= alpha)


def adjust(p_values: Mapping[str, float], share: float) -> dict[str, float]:
    """Each p by Holm's steps and the look's share, the least first; at most 1.

    Args:
        p_values, share: as for `decide`.
    """
    adjusted, least = dict[str, float](), 0.0
    for number, name in enumerate(sorted(p_values, key=lambda name: p_values[name])):
        least = max(least, p_values[name] * (len(p_values) - number) / share)
        adjusted[name] = min(1.0, least)
    return adjusted


def chance_of_deciding(differences: np.ndarray, most_seeds: int, level: float) -> float:
    """How likely p falls to `level` once there are `most_seeds`, if the coming ones are like those that are known.

        mean at the end ~ mean now + sqrt(V_seeds (1 - n / N)) t(n - 1)        V_seeds: of the mean now, of n seeds
        decided when |mean at the end| > half-width at `level` with V_seeds n / N

    Args:
        differences: (seeds, examples) of one contrast.
    """
    n = len(differences)
    if most_seeds <= n:
        return 0.0
    mean, (from_seeds, from_examples) = float(differences.mean()), variances_of_mean(differences)
    if not from_seeds and not from_examples:
        return 0.0
    examples = max(1, differences.shape[1] - 1)
    limit = half_width((from_seeds * n / most_seeds, from_examples), (most_seeds - 1, examples), level)
    if not from_seeds:
        return float(abs(mean) > limit)
    return float(chance_beyond(limit, mean, math.sqrt(from_seeds), n, most_seeds))


def chance_beyond(limit: Numbers, mean: Numbers, error: Numbers, seeds: int, most_seeds: int) -> Numbers:
    """How likely the mean over the most seeds will lie beyond -/+ limit, by the first formula of `chance_of_deciding`.

    Args:
        mean, error: over the seeds that are known, and what seeds add to its standard error, above 0.
    """
    from scipy.special import stdtr

    spread = error * math.sqrt(1 - seeds / most_seeds)
    return stdtr(seeds - 1, (mean - limit) / spread) + stdtr(seeds - 1, (-limit - mean) / spread)
