"""What a change of recipe was worth: a paired difference with its interval and a verdict.

Both recipes are trained on the same seeds and judged on the same examples, so what the two share
cancels. Two kinds of luck remain, and the interval holds both:

    variance = between_seeds / seeds + between_examples / examples

between_seeds: variance over seeds of the mean difference; between_examples: variance over examples
of the difference averaged over seeds. The second also contains a share of the first, so the interval
is a little wide, never too narrow. Degrees of freedom follow Welch and Satterthwaite.

Source: Satterthwaite 1946; paired seeds as in Bouthillier et al. 2021 (arXiv:2103.03098).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

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
    estimate, error, freedom = mean_of_crossed_sample(differences)
    ratios = [b.seconds_per_step / a.seconds_per_step for a, b in zip(control, treated, strict=True)]
    half, power = interval_factors(freedom)
    return Effect(estimate, estimate - half * error, estimate + half * error, len(control), power * error,
                  float(np.median(ratios)))  # fmt: skip


def mean_of_crossed_sample(values: np.ndarray) -> tuple[float, float, float]:
    """Mean of a (seeds, examples) table, its standard error and degrees of freedom, both axes random."""
    seeds, examples = values.shape
    from_seeds = float(values.mean(1).var(ddof=1)) / seeds
    from_examples = float(values.mean(0).var(ddof=1)) / examples if examples > 1 else 0.0
    variance = from_seeds + from_examples
    # Without any difference at all one changed example is the least that could have been seen.
    floor = 1.0 / (seeds * examples)
    if variance == 0.0:
        return float(values.mean()), floor, float(seeds - 1)
    freedom = variance**2 / (from_seeds**2 / (seeds - 1) + from_examples**2 / max(1, examples - 1))
    return float(values.mean()), max(variance**0.5, floor), freedom


def interval_factors(freedom: float, confidence: float = 0.95, power: float = 0.8) -> tuple[float, float]:
    """Standard errors from the mean to the interval's end, and to the smallest detectable effect."""
    from scipy.stats import t

    half = float(t.ppf(0.5 + confidence / 2, freedom))
    return half, half + float(t.ppf(power, freedom))
