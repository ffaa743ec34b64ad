"""H4, H71, Z3: a network that fits its training examples and not others like them wants more data, else less freedom.

Source: Goodfellow et al. 2016, section 11.3; Wei 2015, Must Know Tips, section 5.
"""

from __future__ import annotations

from assay.advice.judgement import LIKELY, Advised, Expected, Fine, Judgement, Rule
from assay.advice.lacking import no_scores
from assay.advice.measurements import Measurements
from assay.advice.rules.capacity import is_underfit

SOURCE = "Goodfellow et al. 2016, section 11.3; Wei 2015, Must Know Tips, section 5"


def has_gap(m: Measurements) -> bool | None:
    """Whether validation is below training beyond doubt, and below the goal; None where that was not measured."""
    if m.gap is None or m.validation is None:
        return None
    return m.gap[1] > 0 and m.validation.value < m.goal


def judge(m: Measurements) -> Judgement:
    """What more examples would bring, measured before any is collected."""
    gap, underfit = has_gap(m), is_underfit(m)
    if gap is None or m.gap is None:
        return no_scores(m)
    text = f"Validation is {m.gap[0]:.4f} [{m.gap[1]:.4f}, {m.gap[2]:.4f}] below training."
    if not gap:
        return Fine(text)
    measured = m.find("learning curve.learning_curve")
    if measured is not None:
        return Fine(f"{text} {measured.summary}")
    cause = "The network knows its training examples, and not what they have in common with others."
    return Advised(
        text,
        cause,
        "Measure what more examples would bring, then collect them or regularise.",
        m.place.stage("learning-curve", "learning-curve"),
        Expected("known", "the error with 2 and 4 times the data"),
        m.at_most(m.gap[0]) * (0.5 if underfit else 1.0),
        {"gap": list(m.gap)},
    )


RULE = Rule("more_data", ("H4", "H71", "Z3"), SOURCE, LIKELY, judge)
