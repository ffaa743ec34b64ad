"""H63: a validation loss at a stand, at a rate that was never lowered, is the moment to lower it.

Source: Goodfellow et al. 2016, section 11.4 (linear to a floor, exponential, or by 2 to 10 at each stand).
"""

from __future__ import annotations

from assay.advice import validation_plateau
from assay.advice.fitting import takes
from assay.advice.judgement import LIKELY, RATE, Advised, Expected, Fine, Judgement, Rule, moves_of
from assay.advice.lacking import curves_or_none, no_curves, of_curves
from assay.advice.measurements import Measurements
from assay.finding import Finding


def judge(m: Measurements) -> Judgement:
    """A schedule, where there is something left to gain."""
    curves = curves_or_none(m)
    if curves is None:
        return no_curves(m)
    found = validation_plateau.judge(curves)
    nothing = of_curves(m, found)
    if nothing is not None or not isinstance(found, Finding):
        return nothing or Fine("")
    if moves_of(found.evidence).get(RATE) != "down" or not takes(m, "Cosine()") or not m.shortfall:
        return Fine(found.summary)
    return Advised(
        found.summary,
        found.cause,
        "Let the learning rate fall to nothing towards the end.",
        m.place.train("decayed", tricks=["Cosine()"]),
        Expected("validation", "up", "ImageNet ResNet-50-D 77.16 -> 77.91 (He et al. 2018, table 6)"),
        m.at_most(m.shortfall or 0.0) / 4,
        dict(found.evidence),
    )


RULE = Rule("rate_decay", ("H63",), validation_plateau.SOURCE, LIKELY, judge)
