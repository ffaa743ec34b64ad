"""A validation loss that stopped improving at a rate that was never lowered: the time to lower it, or to stop.

    plateau: best of the last third of looks, against best of the looks before it, is an improvement of less than the
    noise from look to look

Source: Goodfellow et al. 2016, section 11.4 (divide by 2 to 10 when the validation error plateaus).
"""

from __future__ import annotations

from typing import Any

from assay.advice.curves import Curves
from assay.advice.judgement import LOWER_RATE
from assay.advice.robust import noise_of, slope_of
from assay.finding import Finding, Skipped

SOURCE = "Goodfellow et al. 2016, section 11.4"
ID, FEWEST, FEWEST_LOSSES = "validation_plateau", 9, 60


def judge(curves: Curves) -> Finding | Skipped:
    """What the last third of the looks brought."""
    losses = curves.validation_losses
    if len(losses) < FEWEST:
        return Skipped(ID, f"too few points: {len(losses)} looks, {FEWEST} needed")
    if len(curves.losses) < FEWEST_LOSSES:
        return Skipped(ID, f"too few points: {len(curves.losses)} recorded losses, {FEWEST_LOSSES} needed")
    if not curves.is_finite:
        return Skipped(ID, "the loss is not finite")
    third = len(losses) // 3
    gained = float(losses[:-third].min() - losses[-third:].min())
    noise = noise_of(losses[-2 * third :])
    text = (
        f"The last {third} of {len(losses)} looks brought the validation loss from {losses[:-third].min():.4g} to "
        f"{losses[-third:].min():.4g}; from look to look it moves by {noise:.2g}"
    )
    evidence: dict[str, Any] = {"gained": gained, "noise": noise, "looks": len(losses)}
    if gained > noise or not curves.is_rate_kept or curves.has_learned is False:
        return Finding(ID, "note", text + ".", evidence, source=SOURCE)
    if _still_fits(curves, third):
        cause, fix = "The training loss still falls: what is learned now does not help.", "Stop here, or regularise."
    else:
        cause, fix = "At this rate there is nothing more to be had.", "Lower the learning rate now, by 2 to 10."
        evidence |= LOWER_RATE
    return Finding(
        ID, "note", f"{text}: it stands still, at a rate that was not lowered.", evidence, cause, fix, SOURCE
    )


def _still_fits(curves: Curves, third: int) -> bool:
    late = curves.steps >= curves.looks[-third - 1]
    return bool(late.sum() >= FEWEST_LOSSES // 3) and slope_of(curves.steps[late], curves.losses[late]).falls
