"""A published effect and its small reproduction: arms that are trained on the same seeds and compared in pairs.

    effect = mean over seeds of (treated - control), with Student's 95 % interval over the paired seeds

An effect module defines one `EFFECT`. `measure(seed)` trains every arm on that seed and gives each arm's value;
contrasts say which arms are compared. Nothing is chosen after looking: arms, sizes, seeds 0..n-1 and the direction
in which the paper's effect points are written in the module, and every contrast is reported.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Values = Mapping[str, float]


@dataclass(frozen=True)
class Contrast:
    """treated - control. expected: the sign that the paper's effect has, or 0 where it claims none.

    name: what is asked, in the fewest words ("zero gamma at depth 44").
    """

    name: str
    control: str
    treated: str
    expected: Literal[-1, 0, 1]


@dataclass(frozen=True)
class Effect:
    """One published effect.

    claim: what the source reports, with its figures; setting: what is trained here instead; unit: of the values;
    higher_is_better: of the values, for reading the table.
    """

    name: str
    claim: str
    source: str
    setting: str
    unit: str
    contrasts: tuple[Contrast, ...]
    measure: Callable[[int], Values]
    seeds: int = 5
    higher_is_better: bool = True


@dataclass(frozen=True)
class Outcome:
    """A contrast as it was measured."""

    contrast: Contrast
    estimate: float
    low: float
    high: float
    n: int

    @property
    def verdict(self) -> str:
        """Whether the published effect appears here."""
        if self.low <= 0 <= self.high:
            return "no measurable effect" if self.contrast.expected else "none seen, and none is claimed"
        seen = 1 if self.estimate > 0 else -1
        if not self.contrast.expected:
            return "an effect where none is claimed"
        return "confirmed" if seen == self.contrast.expected else "the opposite"


def compare(contrast: Contrast, rows: Sequence[Values]) -> Outcome:
    """The contrast over all seeds.

    Raises:
        ValueError: fewer than two seeds.
    """
    from scipy.stats import t

    differences = [row[contrast.treated] - row[contrast.control] for row in rows]
    if len(differences) < 2:
        raise ValueError(f"an interval needs at least two seeds, got {len(differences)}")
    estimate = statistics.fmean(differences)
    error = statistics.stdev(differences) / math.sqrt(len(differences))
    half = float(t.ppf(0.975, len(differences) - 1)) * error
    return Outcome(contrast, estimate, estimate - half, estimate + half, len(differences))


def outcome_to_dict(outcome: Outcome) -> dict[str, Any]:
    """Plain values."""
    contrast = outcome.contrast
    return {"contrast": contrast.name, "control": contrast.control, "treated": contrast.treated,
            "expected": contrast.expected, "estimate": outcome.estimate, "interval": [outcome.low, outcome.high],
            "n": outcome.n, "verdict": outcome.verdict}  # fmt: skip
