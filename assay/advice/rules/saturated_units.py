"""H10, H61: units with two ends, such as sigmoids, pass no gradient at either; rectifiers are the ones to begin with.

Source: Goodfellow et al. 2016, sections 6.3.2 and 11.2.
"""

from __future__ import annotations

from assay.advice import unit_activity
from assay.advice.judgement import LIKELY, Advised, Expected, Fine, Judgement, NotMeasured, Rule
from assay.advice.lacking import samples_or_lack
from assay.advice.measurements import Measurements

SOURCE = "Goodfellow et al. 2016, sections 6.3.2 and 11.2"


def judge(m: Measurements) -> Judgement:
    """Where most values of an activation are at an end of its range."""
    samples = samples_or_lack(m, unit_activity.FEWEST)
    if isinstance(samples, NotMeasured):
        return samples
    ends = unit_activity.at_end(samples, "saturated")
    if not ends:
        return Fine("The network calls no activation with two ends (tanh, sigmoid).")
    worst = max(ends, key=lambda name: ends[name])
    text = f"At most {ends[worst]:.0%} of an activation's values are at an end of its range (`{worst}`)."
    if ends[worst] <= unit_activity.MOST_SATURATED:
        return Fine(text)
    return Advised(
        text,
        "Where a unit is at its end, no gradient passes.",
        "Normalise what enters it.",
        m.place.train("normalised", tricks=["BatchNorm()"]),
        Expected("training", "up"),
        m.at_most(m.training_shortfall or 0.0),
        {"saturated": ends},
    )


RULE = Rule("saturated_units", ("H10", "H61"), SOURCE, LIKELY, judge)
