"""Whether a cheap study may stand in for a full one: fewer epochs, fewer examples, smaller images.

    checked = check_fidelity(cheap_study, full_study, tricks, seed=0)

The cheap study is made of all tricks, the full one of a few drawn at random, and the orders of their effects are
compared before the cheap one is trusted. Drawn, not chosen: the best of a cheap study owe their places to luck as well,
fall back in any second study, and would make the cheap one look worse than it is, or by their spread better.

Where most tricks do nothing, no two studies agree on their order, however good the cheap one is. So the agreement
stands beside its ceiling: the correlation expected of two studies as noisy as these that measure the very same effects.

    spread² = max(0, variance of the full estimates - mean of their squared standard errors)
    ceiling = mean Spearman of (effect + cheap noise, effect + full noise), effects drawn with this spread

Both studies have seeds of their own, but are judged on the same validation examples. What a trick happens to do to just
these is in both orders, so the correlation is of effects on this validation split, and above that of effects on all
examples there could be; the ceiling takes all noise for independent, and so may lie below it. Both
lean towards trust, the more the fewer examples and the more seeds there are: then most of the noise is of examples.

Source: ceiling: Spearman 1904 on attenuation; ranks across budgets as a test of a cheap fidelity: Zela et al. 2018
(arXiv:1807.06906) find little correlation between very short and full trainings.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from assay.ablation.rank_correlation import FEWEST_RANKED, RankCorrelation, kendall, spearman
from assay.ablation.studied import StudiedEffect, Study
from assay.errors import InputError
from assay.recipe import Trick

Trust = Literal["trusted", "not trusted", "cannot be told"]

USUAL_FEW = 6
LEAST_CORRELATION = 0.5
"""Two tricks stand in the same order in two of three cases then; below, a coin would do nearly as well."""
RULED_OUT = 0.025
"""The chance that it helps is below this where its 95 % interval lies on the worse side of 0."""
DRAWS = 2_000
"""The mean correlation of so many pairs is known to about .01 with six tricks (1 / sqrt(5 * 2,000))."""
UNCLEAR = "no measurable effect"


@dataclass(frozen=True)
class Compared:
    """One trick in both studies: its effects and verdicts."""

    name: str
    cheap: float
    full: float
    cheap_verdict: str
    full_verdict: str

    @property
    def contradicts(self) -> bool:
        """Whether one study says that it helps, and the other that it hurts."""
        return UNCLEAR not in (self.cheap_verdict, self.full_verdict) and self.cheap_verdict != self.full_verdict


@dataclass(frozen=True)
class Fidelity:
    """How well a cheap study foretold a full one, over the tricks of both.

    ceiling: the Spearman correlation to expect if the cheap study measured the same effects; 0 where the full one tells
    no trick from another.
    """

    compared: tuple[Compared, ...]
    spearman: RankCorrelation
    kendall: RankCorrelation
    ceiling: float

    @property
    def agreeing(self) -> int:
        """Tricks of which both studies say the same."""
        return sum(one.cheap_verdict == one.full_verdict for one in self.compared)

    @property
    def trust(self) -> Trust:
        """Trusted only if the whole interval lies above the least correlation; not, if all of it lies below."""
        if self.spearman.low >= LEAST_CORRELATION:
            return "trusted"
        return "not trusted" if self.spearman.high < LEAST_CORRELATION else "cannot be told"


@dataclass(frozen=True)
class CheckedFidelity:
    """Both studies, and what came of them. go_on: the tricks that a full study should be made of next."""

    cheap: Study
    full: Study
    fidelity: Fidelity
    drawn: tuple[Trick, ...]
    go_on: tuple[Trick, ...]


def judge_fidelity(cheap: Study, full: Study) -> Fidelity:
    """Compare the effects of the tricks that both studies measured.

    The studies must not share seeds: noise in common would pass for agreement.

    Raises:
        ValueError: the designs or metrics differ, or fewer than three tricks have an estimate in both.
    """
    kinds = [f"{study.design} on {study.judge.metric.name}" for study in (cheap, full)]
    if kinds[0] != kinds[1]:
        raise ValueError(f"both studies must have the same design and metric, got {kinds[0]} and {kinds[1]}")
    pairs = _pairs(cheap, full)
    if len(pairs) < FEWEST_RANKED:
        raise ValueError(
            f"need at least {FEWEST_RANKED} tricks with an estimate in both studies to compare their order, got "
            f"{len(pairs)}; study more tricks in full"
        )
    x, y = [one.estimate for one, _ in pairs], [other.estimate for _, other in pairs]
    compared = (Compared(a.name, a.estimate, b.estimate, a.verdict, b.verdict) for a, b in pairs)
    ceiling = ceiling_of([error_of(a) for a, _ in pairs], y, [error_of(b) for _, b in pairs])
    return Fidelity(tuple(compared), spearman(x, y), kendall(x, y), ceiling)


def check_fidelity(
    cheap_study: Callable[[Sequence[Trick]], Study],
    full_study: Callable[[Sequence[Trick]], Study],
    tricks: Sequence[Trick],
    *,
    few: int = USUAL_FEW,
    seed: int = 0,
) -> CheckedFidelity:
    """The cheap study of all tricks, the full one of a few at random, and the tricks to go on with.

    Args:
        cheap_study, full_study: make an add-one study of the tricks they are given, on seeds of their own.
        few: at least three.
    Raises:
        InputError: too few tricks or too few in full to compare, before anything is trained.
        ValueError: as `judge_fidelity`.
    """
    if not FEWEST_RANKED <= few <= len(tricks):
        raise InputError(
            f"few must be from {FEWEST_RANKED} to the number of tricks, {len(tricks)}, got {few}; fewer cannot be put "
            "in an order, so study all in full"
        )
    drawn = tuple(tricks[place] for place in sorted(random.Random(seed).sample(range(len(tricks)), few)))
    cheap, full = cheap_study(tricks), full_study(drawn)
    fidelity = judge_fidelity(cheap, full)
    return CheckedFidelity(cheap, full, fidelity, drawn, choose_to_go_on(cheap, tricks, fidelity.trust))


def choose_to_go_on(cheap: Study, tricks: Sequence[Trick], trust: Trust) -> tuple[Trick, ...]:
    """Those that the cheap study does not rule out, the largest effect first; all of them where it is not trusted.

    Ruled out is what hurts, or whose whole interval lies on the worse side of 0. What diverged cheaply is not, since it
    may not in full.
    """
    if trust != "trusted":
        return tuple(tricks)
    sign, alone = cheap.judge.metric.sign, [effect for effect in cheap.effects if len(effect.tricks) == 1]
    left = [effect for effect in alone if effect.verdict != "hurts" and not effect.chance_it_helps < RULED_OUT]
    ordered = sorted(left, key=lambda effect: math.inf if math.isnan(effect.estimate) else -sign * effect.estimate)
    return tuple(tricks[effect.tricks[0]] for effect in ordered)


def error_of(effect: StudiedEffect) -> float:
    """The standard error of an estimate, from its interval, as if all of it came from seeds."""
    from assay.paired import factors_of

    return (effect.high - effect.low) / 2 / factors_of(max(1, effect.n - 1))[0]


def ceiling_of(cheap_errors: Sequence[float], full: Sequence[float], full_errors: Sequence[float]) -> float:
    """The Spearman correlation to expect of two studies with these errors of the very same effects."""
    spread = np.var(full, ddof=1) - np.mean(np.square(full_errors))
    if spread <= 0:
        return 0.0
    dice = np.random.default_rng(0)
    effects = dice.normal(0.0, math.sqrt(spread), (DRAWS, len(full)))
    ranks = [
        np.argsort(np.argsort(effects + dice.normal(0.0, 1.0, effects.shape) * np.asarray(errors)))
        for errors in (cheap_errors, full_errors)
    ]
    first, second = (rank - rank.mean(axis=1, keepdims=True) for rank in ranks)
    return float(np.mean((first * second).sum(axis=1) / (first**2).sum(axis=1)))


def _pairs(cheap: Study, full: Study) -> list[tuple[StudiedEffect, StudiedEffect]]:
    found = {effect.name: effect for effect in full.effects}
    pairs = [(effect, found[effect.name]) for effect in cheap.effects if effect.name in found]
    return [pair for pair in pairs if not any(math.isnan(effect.estimate) for effect in pair)]
