"""H31, Z4: a loss that stands still is at a minimum only if the gradient went to nothing too.

Source: Goodfellow et al. 2016, section 8.2.2 and figure 8.1.
"""

from __future__ import annotations

from assay.advice import gradient_norm
from assay.advice.command import at_rate
from assay.advice.judgement import LIKELY, Advised, Expected, Fine, Judgement, Rule
from assay.advice.lacking import curves_or_none, no_curves, no_finding, of_curves
from assay.advice.measurements import Measurements
from assay.finding import Finding

LOWER = 0.2
"""Between the 2 and the 10 by which the book divides the rate at a plateau (section 11.4)."""


def judge(m: Measurements) -> Judgement:
    """A smaller rate from here on; where the gradient vanished at once, the checks name the layer."""
    curves = curves_or_none(m)
    if curves is None:
        return no_curves(m)
    found = gradient_norm.judge(curves)
    nothing = of_curves(m, found)
    if nothing is not None or not isinstance(found, Finding):
        return nothing or Fine("")
    vanished = float(found.evidence["ratio"]) <= gradient_norm.VANISHED
    trick = None if m.recipe is None or vanished else at_rate(m.recipe, LOWER)
    command = no_finding(m, "verify.vanishing_gradients").measure or m.place.stage("verify", "verify")
    expected = Expected("known", "which layer stops the gradient")
    if trick is not None:
        command, expected = m.place.train("rest", tricks=[trick]), Expected("validation", "up")
    return Advised(
        found.summary,
        found.cause,
        found.fix,
        command,
        expected,
        m.at_most(m.training_shortfall or 0.0),
        dict(found.evidence),
    )


RULE = Rule("gradient_at_rest", ("H31", "Z4"), gradient_norm.SOURCE, LIKELY, judge)
