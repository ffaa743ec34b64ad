"""H85, Z6: a step should move weights by about a hundredth of their size; half is too much, 1e-5 next to nothing.

It is the update that is meant, and not the gradient. Between those limits a ratio alone says little: healthy trainings
lie two orders of magnitude apart. Of a network that does not fit its training examples, one above the book's 1e-2, or
below a tenth of the smaller recommendation, CS231n's 1e-3, points to the rate all the same.

Source: Goodfellow et al. 2016, section 11.5 (after Bottou 2015); Karpathy 2016, CS231n notes, neural networks 3.
"""

from __future__ import annotations

from assay.advice import update_size
from assay.advice.command import at_rate
from assay.advice.judgement import DIRECT, LOWER_RATE, RAISE_RATE, Advised, Expected, Fine, Judgement, Rule
from assay.advice.lacking import curves_or_none, no_curves, too_few
from assay.advice.measurements import Measurements
from assay.advice.rules.capacity import is_underfit
from assay.finding import Skipped

RAISE, LOWER = 10.0, 0.1
"""A decade: the sizes that are spoken of are a decade or more away from the 1e-3 of CS231n."""


def judge(m: Measurements) -> Judgement:
    """Ten times more or less where the median is outside what the book warns of."""
    curves = curves_or_none(m)
    if curves is None:
        return no_curves(m)
    found = update_size.judge(curves)
    if isinstance(found, Skipped):
        return too_few(m, found.reason)
    size = float(found.evidence["median"])
    low, high = (
        (update_size.TOO_SHORT, update_size.BOOK) if is_underfit(m) else (update_size.SMALLEST, update_size.LARGEST)
    )
    if low <= size <= high:
        return Fine(found.summary)
    raised = size < low
    trick = None if m.recipe is None else at_rate(m.recipe, RAISE if raised else LOWER)
    command = m.place.stage("tune", "tune") if trick is None else m.place.train("step", tricks=[trick])
    stake = m.training_shortfall if m.training_shortfall is not None else m.shortfall
    cause = "Steps are too short to get anywhere." if raised else "Steps are too long to get to anything fine."
    return Advised(
        found.summary,
        cause,
        f"{'Raise' if raised else 'Lower'} the learning rate tenfold.",
        command,
        Expected("validation" if trick else "known", "up" if trick else "which rates work"),
        m.at_most(1.0 if stake is None else stake),
        {**found.evidence, **(RAISE_RATE if raised else LOWER_RATE)},
    )


RULE = Rule("step_size", ("H85", "Z6"), update_size.SOURCE, DIRECT, judge)
