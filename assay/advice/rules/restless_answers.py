"""Z12: answers that go to and fro from look to look, and get nowhere, are steps too long to settle.

Source: Karpathy 2019, A Recipe for Training Neural Networks.
"""

from __future__ import annotations

from assay.advice import answer_jitter
from assay.advice.fitting import takes
from assay.advice.judgement import LIKELY, Advised, Expected, Fine, Judgement, Rule, without_moves
from assay.advice.lacking import curves_or_none, no_curves, of_curves
from assay.advice.measurements import Measurements
from assay.finding import Finding


def judge(m: Measurements) -> Judgement:
    """Lower the rate towards the end, or average the weights where a schedule does so already."""
    curves = curves_or_none(m)
    if curves is None:
        return no_curves(m)
    found = answer_jitter.judge(curves)
    nothing = of_curves(m, found)
    if nothing is not None or not isinstance(found, Finding):
        return nothing or Fine("")
    lowers = takes(m, "Cosine()")
    trick = "Cosine()" if lowers else "EMA()"
    return Advised(
        found.summary,
        found.cause,
        found.fix if lowers else "Average the weights (`EMA`).",
        m.place.train("settled", tricks=[trick]),
        Expected("validation", "up", "cosine: ImageNet ResNet-50-D 77.16 -> 77.91 (He et al. 2018, table 6)"),
        m.at_most(float(found.evidence["late"])),
        dict(found.evidence) if lowers else without_moves(found.evidence),
    )


RULE = Rule("restless_answers", ("Z12",), answer_jitter.SOURCE, LIKELY, judge)
