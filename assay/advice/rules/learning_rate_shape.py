"""Z1, H34: the loss as a line, as a plateau, or as a cliff after a plateau tells whether the rate is low or high.

    straight to the end        raise it threefold
    at a stand, then a drop    lower it threefold
    flat, nothing learned      neither is known: a range test

Source: Karpathy 2016, CS231n notes, neural networks 3; Goodfellow et al. 2016, section 8.3.1.
"""

from __future__ import annotations

from assay.advice import loss_shape
from assay.advice.command import at_rate
from assay.advice.judgement import DIRECT, RATE, Advised, Expected, Fine, Judgement, Rule, moves_of
from assay.advice.lacking import curves_or_none, no_curves, of_curves
from assay.advice.measurements import Measurements
from assay.finding import Finding

FACTORS = {"up": 3.0, "down": 1 / 3}
"""Half a decade, the step of a usual logarithmic search."""
RANGE_TEST = "Find the rates at which the loss falls at all, by a range test."


def judge(m: Measurements) -> Judgement:
    """The rate by the loss's shape."""
    curves = curves_or_none(m)
    if curves is None:
        return no_curves(m)
    found = loss_shape.judge(curves)
    nothing = of_curves(m, found)
    if nothing is not None or not isinstance(found, Finding):
        return nothing or Fine("")
    factor = FACTORS.get(moves_of(found.evidence).get(RATE, ""))
    trick = None if factor is None or m.recipe is None else at_rate(m.recipe, factor)
    if trick is None:
        command, expected = m.place.stage("tune", "tune"), Expected("known", "at which rates the loss falls")
    else:
        command, expected = m.place.train("rate", tricks=[trick]), Expected("validation", "up")
    action = RANGE_TEST if factor is None else f"{'Raise' if factor > 1 else 'Lower'} the learning rate threefold."
    stake = m.training_shortfall if m.training_shortfall is not None else m.shortfall
    return Advised(
        found.summary,
        found.cause,
        action,
        command,
        expected,
        m.at_most(1.0 if stake is None else stake),
        dict(found.evidence),
    )


RULE = Rule("learning_rate_shape", ("H34", "Z1"), loss_shape.SOURCE, DIRECT, judge)
