"""Z1, first part: a loss that is no number, or above where it began: the learning rate is very high.

Source: Karpathy 2016, CS231n notes, neural networks 3 (loss curves of learning rates).
"""

from __future__ import annotations

import numpy as np

from assay.advice.curves import Curves
from assay.advice.judgement import LOWER_RATE
from assay.advice.robust import is_lower
from assay.finding import Finding, Skipped

SOURCE = "Karpathy 2016, CS231n notes, neural networks 3"
ID, FIX = "loss_finite", "Lower the learning rate tenfold; `assay tune` finds the highest one that is stable."
FEWEST = 40


def judge(curves: Curves) -> Finding | Skipped:
    """Suspect where a loss is not finite, or where it rose and the network learned nothing."""
    if not len(curves.losses):
        return Skipped(ID, "too few points: no step was recorded")
    if not curves.is_finite:
        return _broken(curves)
    start, end = _ends(curves.losses)
    text = f"All {len(curves.losses)} recorded losses are finite"
    evidence = {"start": float(np.median(start)), "end": float(np.median(end)), "points": len(curves.losses)}
    if len(curves.losses) < FEWEST or not is_lower(start, end):
        return Finding(ID, "note", f"{text}, and the loss is not above where it began.", evidence, source=SOURCE)
    text += f", but it rose: {np.median(start):.3g} at first, {np.median(end):.3g} in the last quarter"
    level = "suspect" if curves.has_learned is False else "note"
    told = "." if level == "note" else "; the answers are no better than a constant one."
    cause = "Steps lead up the loss: the learning rate is far too high."
    return Finding(ID, level, text + told, evidence | LOWER_RATE, cause, FIX, SOURCE)


def _broken(curves: Curves) -> Finding:
    found = np.flatnonzero(~np.isfinite(curves.losses))
    if len(found):
        step, rate = int(curves.steps[found[0]]), float(curves.rates[found[0]])
        text = (
            f"The loss is {curves.losses[found[0]]:g} at step {step} of {curves.total_steps}, at the rate {rate:.3g}."
        )
    else:
        step = int(curves.looks[np.flatnonzero(~np.isfinite(curves.validation_losses))[0]])
        rate = float(np.interp(step, curves.steps, curves.rates))
        text = f"The validation loss is no number after step {step} of {curves.total_steps}, at the rate {rate:.3g}."
    cause = "The steps grew until a number overflowed: the learning rate is far too high."
    evidence = {"step": step, "rate": rate, "broken": len(found), **LOWER_RATE}
    return Finding(ID, "suspect", text, evidence, cause, FIX, SOURCE)


def _ends(losses: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The first points, one in fifty, and the last quarter."""
    return losses[: max(10, len(losses) // 50)], losses[-max(1, len(losses) // 4) :]
