"""Z3 and Z10: what the error on validation is made of decides the next step.

    error on validation = error on training examples + gap        error = 1 - accuracy, or 1 - r2

Both scores are of the same finished network, on as many examples, without augmentation and dropout. Where the gap is
the larger part, more examples or regularisation pay; where the training error is, capacity and optimisation do.

    interval of a - b: a - b -/+ sqrt((a - its limit)^2 + (b - its other limit)^2)

Source: Goodfellow et al. 2016, section 11.3; Wei 2015, Must Know Tips, section 5; intervals: Zou and Donner 2008.
"""

from __future__ import annotations

import math

from assay.advice.curves import Curves
from assay.finding import Finding, Skipped
from assay.intervals import difference_interval
from assay.training.sample import SplitScore

SOURCE = "Goodfellow et al. 2016, section 11.3; Zou and Donner 2008"
ID, FEWEST = "train_validation_gap", 50
"""Our choice: an error of a half is known to .14 of 50 examples, and of fewer no gap would show."""


def judge(curves: Curves) -> Finding | Skipped:
    """Which of the two parts of the error is larger, beyond doubt."""
    training, validation = curves.scores.get("training"), curves.scores.get("validation")
    if training is None or validation is None:
        return Skipped(ID, "the network was not evaluated on training examples")
    if min(training.n, validation.n) < FEWEST:
        return Skipped(ID, f"too few points: {min(training.n, validation.n)} examples, {FEWEST} needed")
    if not all(math.isfinite(number) for one in (training, validation) for number in (one.value, one.low, one.high)):
        return Skipped(ID, "the score is not finite")
    low, high = difference_interval(training, validation)
    gap, error = training.value - validation.value, 1 - training.value
    text = (
        f"{_tell('Training', training)}, {_tell('validation', validation)}: the gap is {gap:+.4f} "
        f"[{low:+.4f}, {high:+.4f}]"
    )
    evidence = {"training": training.value, "validation": validation.value, "gap": gap, "gap_low": low,
                "gap_high": high, "training_n": training.n, "validation_n": validation.n}  # fmt: skip
    told, cause, fix = _next(training, low, gap - error, half_of(training, validation))
    if curves.is_at_chance and fix:
        cause, fix = _NOTHING_LEARNED
    return Finding(ID, "note", f"{text}{told}.", evidence, cause, fix, SOURCE)


def _tell(split: str, score: SplitScore) -> str:
    return f"{split} {score.metric} {score.value:.4f} [{score.low:.4f}, {score.high:.4f}] (n = {score.n})"


def _next(training: SplitScore, gap_low: float, lead: float, half: tuple[float, float]) -> tuple[str, str, str]:
    """lead: gap minus training error. half: how far below and above it the truth may lie."""
    if gap_low > 0 and lead - half[0] > 0:
        return (
            ", and most of the error", "The network fits its training examples better than others like them.",
            "Collect more examples: `assay learning-curve` measures what they would bring. Where there are none to be "
            "had, regularise: `assay ablate` measures what pays.",
        )  # fmt: skip
    if lead + half[1] < 0:
        return (
            ", and the smaller part of the error" if gap_low > 0 else "; no gap can be told",
            "The network does not fit its training examples well enough.",
            "Take a larger network: `assay overfit` shows which size fits. If none does, look at the data's quality.",
        )  # fmt: skip
    if gap_low > 0:
        return "; neither it nor the training error is beyond doubt the larger part", "", ""
    told = "; none can be told" if training.value < 1 else ""
    return told, "", ""


def half_of(training: SplitScore, validation: SplitScore) -> tuple[float, float]:
    """How far the truth of 2 training - validation - 1, gap minus training error, may lie below and above."""
    below, above = training.value - training.low, training.high - training.value
    return (math.hypot(2 * below, validation.high - validation.value),
            math.hypot(2 * above, validation.value - validation.low))  # fmt: skip


_NOTHING_LEARNED = (
    "Answers may be no better than a constant one: nothing was learned yet that a larger network could hold more of.",
    "Look at the learning rate (`assay tune`) and at the length of the training before the network's size.",
)
