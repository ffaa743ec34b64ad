"""H12, H84, Z5: rectifiers that are off for every example learn nothing any more: a leak lets them come back.

Source: Goodfellow et al. 2016, sections 6.3.1 and 11.5; Karpathy 2016, CS231n notes, neural networks 1.
"""

from __future__ import annotations

from assay.advice import unit_activity
from assay.advice.command import at_rate
from assay.advice.judgement import LIKELY, LOWER_RATE, Advised, Expected, Fine, Judgement, NotMeasured, Rule
from assay.advice.lacking import samples_or_lack
from assay.advice.measurements import Measurements

LOWER = 1 / 3
"""Half a decade, as for a rate that the loss says is high."""


def judge(m: Measurements) -> Judgement:
    """Where most units of a layer went off: a smaller rate if training did it, a leak if they began so."""
    samples = samples_or_lack(m, unit_activity.FEWEST)
    if isinstance(samples, NotMeasured):
        return samples
    dead = unit_activity.at_end(samples, "dead")
    if not dead:
        return Fine("The network calls no activation whose units can die.")
    worst = max(dead, key=lambda name: dead[name])
    text = f"At most {dead[worst]:.0%} of a layer's units are always off (`{worst}`, n = {samples[-1].dead_examples})."
    if dead[worst] <= unit_activity.MOST_DEAD:
        return Fine(text)
    born = samples[0].dead.get(worst, 0.0) > unit_activity.MOST_DEAD
    slower = None if born or m.recipe is None else at_rate(m.recipe, LOWER)
    cause = (
        "They began so: first weights or inputs are off centre."
        if born
        else "Steps that were too long drove them there."
    )
    return Advised(
        text,
        cause,
        "Train at a third of the rate." if slower else "Let them leak.",
        m.place.train("alive", tricks=[slower or "LeakyReLU()"]),
        Expected("training", "up"),
        m.at_most(m.training_shortfall or 0.0),
        {"dead": dead, "began": samples[0].dead.get(worst, 0.0), **(LOWER_RATE if slower else {})},
    )


RULE = Rule("idle_units", ("H12", "H84", "Z5"), unit_activity.SOURCE, LIKELY, judge)
