"""An answer: what a change of the inputs costs or brings, as a paired difference with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float

from assay.audit.questionnaire.question import Advice, Question
from assay.paired import interval_and_power, p_value

MARGIN = 0.02
"""Of accuracy or r2: whoever loses no more has kept what matters. A limit of this audit's own."""

Outcome = Literal["kept", "lost", "unsure"]


@dataclass(frozen=True)
class Difference:
    """Mean of a (seeds, examples) table of paired differences, with its 95 % interval.

    detectable: the smallest true difference that would have shown with probability .8.
    p: of no difference, where nothing else is asked.
    """

    estimate: float
    low: float
    high: float
    detectable: float
    seeds: int
    n: int
    p: float

    @property
    def is_measurable(self) -> bool:
        return self.low > 0 or self.high < 0


@dataclass(frozen=True)
class Answer:
    """What a question gave. usual, changed: mean of the metric without and with the change.

    untrained: networks that never saw changed copies, judged on them; only where the question's way is `also`.
    """

    question: Question
    usual: float
    changed: float
    difference: Difference
    untrained: Difference | None = None

    @property
    def outcome(self) -> Outcome:
        """`kept`: the interval leaves room for no loss beyond `MARGIN`; `lost`: it leaves none for no loss at all."""
        if self.difference.low >= -MARGIN:
            return "kept"
        return "lost" if self.difference.high < 0 else "unsure"

    @property
    def is_strange(self) -> bool:
        """Whether networks that never saw changed copies surely lose more than `MARGIN` on them."""
        return self.untrained is not None and self.untrained.high < -MARGIN

    @property
    def is_known(self) -> bool:
        """Whether they surely lose no more than `MARGIN`, or were not asked."""
        return self.untrained is None or self.untrained.low >= -MARGIN

    @property
    def advice(self) -> Advice | None:
        """What follows; None while the answer is open."""
        if self.outcome == "kept" and not self.is_known:
            return self.question.strange if self.is_strange else None
        return {"kept": self.question.kept, "lost": self.question.lost}.get(self.outcome)


def paired_difference(
    usual: Sequence[Float[np.ndarray, " n"]], changed: Sequence[Float[np.ndarray, " n"]]
) -> Difference:
    """Of example scores, seed by seed; both of the same seeds and examples.

    Raises:
        ValueError: fewer than two seeds, or not as many of both.
    """
    if len(usual) != len(changed) or len(usual) < 2:
        raise ValueError(f"needs at least 2 seeds of both kinds, got {len(usual)} and {len(changed)}")
    table = np.stack(changed) - np.stack(usual)
    half, detectable = interval_and_power(table)
    estimate, (seeds, n) = float(table.mean()), table.shape
    return Difference(estimate, estimate - half, estimate + half, detectable, seeds, n, p_value(table))
