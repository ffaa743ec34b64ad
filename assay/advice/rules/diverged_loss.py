"""Z1, the worst of its shapes: a loss that is no number or rose above where it began asks for a far smaller rate.

So does one that shot up to twice of where it began, wherever it ended, in a network that does not fit its training
examples: the first steps threw its first weights away.

Source: Karpathy 2016, CS231n notes, neural networks 3 (loss curves of learning rates).
"""

from __future__ import annotations

import numpy as np

from assay.advice import diverged
from assay.advice.command import at_rate
from assay.advice.curves import Curves
from assay.advice.judgement import DIRECT, LOWER_RATE, Advised, Expected, Fine, Judgement, NotMeasured, Rule
from assay.advice.lacking import curves_or_none, no_curves
from assay.advice.measurements import Measurements
from assay.advice.robust import running_median
from assay.advice.rules.capacity import is_underfit
from assay.finding import Skipped

LOWER, SHOT_UP = 0.1, 2.0


def judge(m: Measurements) -> Judgement:
    """Ten times less, where a loss broke or nothing was learned."""
    curves = curves_or_none(m)
    if curves is None:
        return no_curves(m)
    found = diverged.judge(curves)
    if isinstance(found, Skipped):
        return NotMeasured(found.reason, m.place.train("measured"))
    peak = overshoot(curves) if is_underfit(m) else None
    if found.level == "note" and peak is None:
        return Fine(found.summary)
    end = float(np.median(curves.losses[-max(1, len(curves.losses) // 10) :]))
    shot_up = f"The loss shot up from {curves.losses[0]:.3g} to {peak or 0:.3g}, and ended at {end:.3g}."
    trick = None if m.recipe is None else at_rate(m.recipe, LOWER)
    command = m.place.stage("tune", "tune") if trick is None else m.place.train("slower", tricks=[trick])
    return Advised(
        found.summary if found.level != "note" else shot_up,
        found.cause or "The first steps were far too long.",
        "Lower the learning rate tenfold.",
        command,
        Expected("validation" if trick else "known", "up" if trick else "the highest stable rate"),
        m.at_most(1.0 - (m.chance or 0.0)),
        {**found.evidence, "peak": peak, **LOWER_RATE},
    )


def overshoot(curves: Curves) -> float | None:
    """The highest running median of five losses, where it is at least twice the first loss; else None."""
    if not curves.is_finite or curves.losses[0] <= 0:
        return None
    peak = float(running_median(curves.losses, 5).max())
    return peak if peak >= SHOT_UP * curves.losses[0] else None


RULE = Rule("diverged_loss", (), diverged.SOURCE, DIRECT, judge)
