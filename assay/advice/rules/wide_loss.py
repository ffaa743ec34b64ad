"""Z2: a loss so wide that an epoch's progress does not show asks for a larger batch, or for shorter steps.

Source: Karpathy 2016, CS231n notes, neural networks 3.
"""

from __future__ import annotations

from assay.advice import loss_width
from assay.advice.command import at_rate
from assay.advice.judgement import LIKELY, RATE, Advised, Expected, Fine, Judgement, Rule, moves_of
from assay.advice.lacking import curves_or_none, no_curves, no_recipe, of_curves
from assay.advice.measurements import Measurements
from assay.finding import Finding


def judge(m: Measurements) -> Judgement:
    """Twice the batch, or half the rate where steps are long."""
    curves = curves_or_none(m)
    if curves is None:
        return no_curves(m)
    found = loss_width.judge(curves)
    nothing = of_curves(m, found)
    if nothing is not None or not isinstance(found, Finding):
        return nothing or Fine("")
    if m.recipe is None:
        return no_recipe(m)
    command, expected = m.place.train("wide", batch_size=2 * m.recipe.batch_size), Expected("training", "up")
    if moves_of(found.evidence).get(RATE) == "down":
        slower = at_rate(m.recipe, 0.5)
        # The rate would grow with the batch: the trick that holds it is the recipe's own optimiser, at its own rate.
        command = m.place.stage("tune", "tune") if slower is None else m.place.train("wide", tricks=[slower])
        expected = expected if slower is not None else Expected("known", "which rates work")
    return Advised(
        found.summary,
        found.cause,
        found.fix,
        command,
        expected,
        m.at_most(m.training_shortfall or 0.0),
        dict(found.evidence),
    )


RULE = Rule("wide_loss", ("Z2",), loss_width.SOURCE, LIKELY, judge)
