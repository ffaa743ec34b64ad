"""H13, H33: larger gradients learn faster until one of them throws the weights away: clip those that stand out.

    spike: a sampled norm above 10 times the median of all, at a loss that rose right after

Source: Goodfellow et al. 2016, sections 8.2.4 and 10.11.1.
"""

from __future__ import annotations

import math

import numpy as np

from assay.advice.judgement import LIKELY, Advised, Expected, Fine, Judgement, Rule
from assay.advice.lacking import curves_or_none, no_curves, too_few
from assay.advice.measurements import Measurements

SOURCE = "Goodfellow et al. 2016, sections 8.2.4 and 10.11.1"
FEWEST, SPIKE = 8, 10.0


def judge(m: Measurements) -> Judgement:
    """The largest sampled norm against the median, after the first tenth of the training."""
    curves = curves_or_none(m)
    if curves is None:
        return no_curves(m)
    norms = np.array([s.gradient_norm for s in curves.samples if math.isfinite(s.gradient_norm)])
    if len(norms) < FEWEST:
        return too_few(m, f"enough sampled gradients ({len(norms)}, {FEWEST} needed)")
    later = norms[max(1, len(norms) // 10) :]
    middle, most = float(np.median(later)), float(later.max())
    times = most / max(middle, 1e-30)
    text = f"The largest of {len(later)} sampled gradient norms is {most:.3g}, {times:.3g} times the median."
    clips = m.recipe is not None and bool(m.recipe.gradient_edits)
    if most <= SPIKE * middle or clips or m.training is None or m.training_shortfall == 0 or m.training.low > 0.99:
        return Fine(text)
    trick = f"GradientClip(max_norm={2 * middle:.2g})"
    return Advised(
        text,
        "Single batches throw the weights far away.",
        "Clip the gradient's norm at twice the median.",
        m.place.train("clipped", tricks=[trick]),
        Expected("validation", "up"),
        m.at_most(m.training_shortfall or 0.0),
        {"median": middle, "largest": most, "samples": len(later)},
    )


RULE = Rule("gradient_spikes", ("H13", "H33"), SOURCE, LIKELY, judge)
