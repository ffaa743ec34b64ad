"""Z2: a curve so wide that an epoch's progress does not show asks for larger batches or smaller steps.

    wide: noise / sqrt(steps of an epoch) > fall of an epoch

where the noise is that of a mini-batch's loss, and the fall that of an epoch while the loss makes the first half of its
way. A curve at its end is all noise: that is no fault, and is not looked at; nor is one that a low rate makes straight.

Source: Karpathy 2016, CS231n notes, neural networks 3 (the wiggle is related to the batch size).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from assay.advice.curves import Curves
from assay.advice.judgement import LARGER_BATCH, LOWER_RATE
from assay.advice.loss_shape import is_straight
from assay.advice.robust import is_lower, noise_of, running_median
from assay.advice.update_size import BOOK, median_size
from assay.finding import Finding, Skipped

SOURCE = "Karpathy 2016, CS231n notes, neural networks 3"
ID, FEWEST = "loss_width", 60


def judge(curves: Curves) -> Finding | Skipped:
    """Hold the error of an epoch's mean loss against how far the loss falls in an epoch."""
    losses = curves.losses
    if len(losses) < FEWEST or curves.epochs < 2:
        return Skipped(ID, f"too few points: {len(losses)} recorded losses of {curves.epochs:.2g} epochs, "
                           f"{FEWEST} of 2 needed")  # fmt: skip
    if not curves.is_finite:
        return Skipped(ID, "the loss is not finite")
    third = len(losses) // 3
    if not is_lower(losses[-third:], losses[:third]) or losses[:3].mean() - np.median(losses[-third:]) < noise_of(
        losses
    ):
        return Skipped(ID, "the loss does not fall: there is nothing to hold its noise against")
    if is_straight(curves):
        return Skipped(ID, "the loss falls in a straight line: a low rate is what hides its progress")
    noise, fall = noise_of(losses), fall_of_an_epoch(curves)
    error = noise / math.sqrt(max(1.0, curves.steps_per_epoch))
    text = (
        f"A mini-batch's loss has a noise of {noise:.2g}, an epoch's mean of {error:.2g}; while it fell, the loss fell "
        f"by {fall:.2g} an epoch (n = {len(losses)})"
    )
    evidence: dict[str, Any] = {
        "noise": noise,
        "epoch_error": error,
        "epoch_fall": fall,
        "steps_per_epoch": curves.steps_per_epoch,
    }
    if error <= fall:
        return Finding(ID, "note", f"{text}: progress shows in every epoch.", evidence, source=SOURCE)
    size = median_size(curves)
    fix, remedy = "Double the batch size, at the same learning rate.", LARGER_BATCH
    if size is not None and size > BOOK:
        fix, remedy = f"Halve the learning rate: a step moves weights by {size:.2g} of their size.", LOWER_RATE
    cause = "The gradient of so small a batch is mostly noise, or the steps are too long for it."
    told = f"{text}: the curve is wider than an epoch's progress."
    return Finding(ID, "note", told, evidence | remedy, cause, fix, SOURCE)


def fall_of_an_epoch(curves: Curves) -> float:
    """While the loss makes the first half of its way; of less than an epoch, that half."""
    smooth = running_median(curves.losses, max(3, len(curves.losses) // 20))
    half = (smooth[0] - smooth[-1]) / 2
    epochs = curves.steps[int(np.argmax(smooth <= smooth[0] - half))] / curves.steps_per_epoch
    return float(half / max(1.0, epochs))
