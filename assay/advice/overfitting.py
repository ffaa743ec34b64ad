"""Overfitting: from some look on, the validation loss rises while the training loss falls.

Only looks after the lowest one count, and they must rise from one to the next more often than by chance. A loss that
rises while the metric does not fall by more than it is known to is another thing: answers grow too sure, not wrong.

Source: Goodfellow et al. 2016, section 7.8 (early stopping); Guo et al. 2017 (arXiv:1706.04599), section 3.
"""

from __future__ import annotations

import numpy as np

from assay.advice.curves import Curves
from assay.advice.robust import is_rising, slope_of
from assay.finding import Finding, Skipped

SOURCE = "Goodfellow et al. 2016, section 7.8; Guo et al. 2017, section 3"
ID, FEWEST = "overfitting", 6


def judge(curves: Curves) -> Finding | Skipped:
    """Where the validation loss was lowest, and whether it rose from there."""
    losses = curves.validation_losses
    if len(losses) < FEWEST:
        return Skipped(ID, f"too few points: {len(losses)} looks, {FEWEST} needed")
    if not curves.is_finite:
        return Skipped(ID, "the loss is not finite")
    best = int(np.argmin(losses))
    step, last = int(curves.looks[best]), int(curves.looks[-1])
    text = f"The validation loss was lowest at step {step} of {last}: {losses[best]:.3g}, {losses[-1]:.3g} at the end"
    evidence = {"lowest_step": step, "lowest": float(losses[best]), "last": float(losses[-1]), "looks": len(losses)}
    since = curves.steps >= step
    if not is_rising(losses[best + 1 :]) or since.sum() < FEWEST:
        return Finding(ID, "note", f"{text}; it does not rise beyond chance ({len(losses)} looks).", evidence,
                       source=SOURCE)  # fmt: skip
    if not slope_of(curves.steps[since], curves.losses[since]).falls:
        text += "; it rises, but the training loss does not fall meanwhile"
        return Finding(ID, "note", f"{text} ({len(losses)} looks).", evidence, source=SOURCE)
    values = curves.validation_values
    told = "; it rises while the training loss falls, and "
    told += f"{curves.metric} went from {values[best]:.4f} to {values[-1]:.4f}"
    cause = "The network learns its training examples by heart."
    fix = f"Stop near step {step} (`EarlyStopping`); with time left, regularise instead."
    if values[best] - values[-1] <= known_to(curves):
        cause = "Answers grow too sure rather than wrong: the metric did not fall by more than it is known to."
        fix = f"Set a `Temperature` where probabilities matter, or stop near step {step}."
    return Finding(ID, "note", f"{text}{told} ({len(losses)} looks).", evidence, cause, fix, SOURCE)


def known_to(curves: Curves) -> float:
    """Half of the score's interval; 0 where none was measured."""
    score = curves.scores.get("validation")
    return (score.high - score.low) / 2 if score else 0.0
