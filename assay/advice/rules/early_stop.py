"""H17: stop where the validation loss was lowest, and keep those weights.

Source: Goodfellow et al. 2016, section 7.8.
"""

from __future__ import annotations

from assay.advice import overfitting
from assay.advice.fitting import takes
from assay.advice.judgement import LIKELY, SHORTER, Advised, Expected, Fine, Judgement, Rule
from assay.advice.lacking import curves_or_none, no_curves, of_curves
from assay.advice.measurements import Measurements
from assay.finding import Finding


def judge(m: Measurements) -> Judgement:
    """Early stopping where the metric fell from its best look; a temperature where only the loss rose."""
    curves = curves_or_none(m)
    if curves is None:
        return no_curves(m)
    found = overfitting.judge(curves)
    nothing = of_curves(m, found)
    if nothing is not None or not isinstance(found, Finding):
        return nothing or Fine("")
    values = curves.validation_values
    lost = max(0.0, float(values.max() - values[-1])) if len(values) else 0.0
    if lost <= overfitting.known_to(curves) or not takes(m, "EarlyStopping()"):
        return Fine(found.summary)
    return Advised(
        found.summary,
        found.cause,
        "Keep the weights of the best look.",
        m.place.train("stopped", tricks=["EarlyStopping()"]),
        Expected("validation", "up"),
        m.at_most(lost),
        {**found.evidence, "lost": lost, **SHORTER},
    )


RULE = Rule("early_stop", ("H17",), overfitting.SOURCE, LIKELY, judge)
