"""H20: networks err differently, so their mean is nearly always better than one of them.

Source: Goodfellow et al. 2016, section 7.11; Karpathy 2019: members pay up to about five.
"""

from __future__ import annotations

from assay.advice.judgement import LIKELY, Advised, Expected, Fine, Judgement, Rule
from assay.advice.measurements import Measurements

SOURCE = "Goodfellow et al. 2016, section 7.11; Karpathy 2019, A Recipe for Training Neural Networks"


def judge(m: Measurements) -> Judgement:
    """Whether several networks were tried, and what they brought."""
    found = m.find("squeeze.shipped_model")
    tried = {} if found is None else {name: row for name, row in found.evidence.items() if name.startswith("ensemble")}
    if found is not None and tried:
        name, row = next(iter(tried.items()))
        return Fine(f"An {name} reaches {row['value']:.4f} on validation. {found.summary}")
    if not m.shortfall:
        return Fine("The goal is reached by one network.")
    return Advised(
        "One network answers alone." if found is None else found.summary,
        "Members of an ensemble err differently.",
        "Average several networks, and distil them into one.",
        m.place.stage("squeeze", "squeeze"),
        Expected("validation", "up", "up to 2 points (Karpathy 2019)"),
        min(0.02, m.at_most(m.shortfall)),
    )


RULE = Rule("ensemble", ("H20",), SOURCE, LIKELY, judge)
