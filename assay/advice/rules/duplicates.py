"""D1: copies of training examples in validation or test make every score too good.

Source: Karpathy 2019, A Recipe for Training Neural Networks, step 1.
"""

from __future__ import annotations

from assay.advice.judgement import DIRECT, Advised, Expected, Fine, Judgement, Rule
from assay.advice.lacking import no_finding
from assay.advice.measurements import Measurements

SOURCE = "Karpathy 2019, A Recipe for Training Neural Networks, step 1"
IDS = ("inspect.duplicates", "inspect.near_duplicates", "verify.train_validation_overlap", "verify.duplicate_examples")


def judge(m: Measurements) -> Judgement:
    """What the inspection says of equal and nearly equal examples."""
    found = [one for name in IDS if (one := m.find(name)) is not None]
    if not found:
        return no_finding(m, "inspect.duplicates")
    bad = [one for one in found if one.is_alert]
    if not bad:
        return Fine(found[0].summary)
    return Advised(
        bad[0].summary,
        bad[0].cause or "Examples were collected twice.",
        bad[0].fix or "Drop the copies.",
        m.place.stage("inspect", "inspect", takes_recipe=False),
        Expected("known", "which examples are copies of which"),
        m.at_most(1.0 if m.shortfall is None else m.shortfall),
        {"findings": [one.id for one in bad]},
    )


RULE = Rule("duplicates", ("D1",), SOURCE, DIRECT, judge)
