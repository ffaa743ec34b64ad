"""Z4: a loss that stands still is at a minimum or on a plateau only if the gradient shrank too.

In most trainings of networks it does not: it stays, or grows, while the loss falls. The norm is that of a mini-batch's
gradient, before anything clips it, and so has a floor of noise. Where the size of steps says that they are too short,
they are not too long to go further down, whatever the gradient does.

Source: Goodfellow et al. 2016, sections 8.2.2 and figure 8.1 (plot the norm of the gradient over time).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from assay.advice.curves import Curves
from assay.advice.judgement import LOWER_RATE
from assay.advice.robust import slope_of
from assay.advice.update_size import is_too_short
from assay.figure import Lines, Series
from assay.finding import Finding, Skipped

SOURCE = "Goodfellow et al. 2016, section 8.2.2 and figure 8.1"
ID, FEWEST, FEWEST_LOSSES = "gradient_norm", 8, 60
VANISHED = 0.01
"""Our choice, measured nowhere: two decades below the first norm."""


def judge(curves: Curves) -> Finding | Skipped:
    """The norm at the end against the norm at first, and what it says of a loss that stands still."""
    found = [(sample.step, sample.gradient_norm) for sample in curves.samples if math.isfinite(sample.gradient_norm)]
    if len(found) < FEWEST:
        return Skipped(ID, f"too few points: {len(found)} sampled gradients, {FEWEST} needed")
    steps, norms = (np.array(column, dtype=float) for column in zip(*found, strict=True))
    quarter = len(norms) // 4
    first, last = float(np.median(norms[:quarter])), float(np.median(norms[-quarter:]))
    ratio = last / first if first > 0 else math.nan
    text = f"The gradient's norm went from {first:.3g} to {last:.3g} (medians of the first and last {quarter} of "
    text += f"{len(norms)} samples, x {ratio:.2g})"
    cause, fix, told, remedy = _explain(curves, ratio)
    evidence = {"first": first, "last": last, "ratio": ratio, "samples": len(norms), **remedy}
    figure = Lines("Gradient norm", "step", "norm of the gradient",
                   (Series("all parameters", tuple(steps.tolist()), tuple(norms.tolist())),),
                   log_y=bool((norms > 0).all()))  # fmt: skip
    return Finding(ID, "note", f"{text}{told}.", evidence, cause, fix, SOURCE, (figure,))


def _explain(curves: Curves, ratio: float) -> tuple[str, str, str, dict[str, Any]]:
    if not stands_still(curves):
        return "", "", "", {}
    if ratio <= VANISHED and curves.has_learned is False:
        return (
            "The gradient vanished before anything was learned: dead or saturated units, or too small first weights.",
            "Look at the units and histograms by layer, or let `assay verify` name the layer.",
            "; the loss stands still, and so does the network",
            {},
        )
    if ratio > VANISHED and is_too_short(curves):
        return "", "", "; the loss stands still, and steps this short are not what keeps it from falling further", {}
    if ratio > VANISHED and curves.is_rate_kept:
        return (
            "The loss stands still at a gradient that is not small: no minimum, but steps too long to go further down.",
            "Lower the learning rate from here on, by 2 to 10.",
            "; the loss stands still, but not for want of a gradient",
            LOWER_RATE,
        )
    return "", "", "", {}


def stands_still(curves: Curves) -> bool:
    """Whether the last third of the loss does not fall, as far as can be told."""
    third = len(curves.losses) // 3
    if len(curves.losses) < FEWEST_LOSSES or not curves.is_finite:
        return False
    return not slope_of(curves.steps[-third:], curves.losses[-third:]).falls
