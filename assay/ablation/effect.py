"""What a change of recipe was worth: a paired difference with its interval and a verdict.

Both recipes are trained on the same seeds and judged on the same examples; `assay.paired` says how sure the
difference is.

Source: Bouthillier et al. 2021 (arXiv:2103.03098): pair the seeds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from assay.paired import interval_and_power
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
