"""H89, D7: bringing pixels to one range is the only preparation that images must have.

Source: Goodfellow et al. 2016, section 12.2.1.
"""

from __future__ import annotations

from assay.advice.judgement import DIRECT, Advised, Expected, Fine, Judgement, Rule
from assay.advice.lacking import no_finding
from assay.advice.measurements import Measurements

SOURCE = "Goodfellow et al. 2016, section 12.2.1"


def judge(m: Measurements) -> Judgement:
    """What the check of the inputs says; Assay's own loaders standardise them."""
    found = m.find("verify.input_scale")
    if found is None:
        return no_finding(m, "verify.input_scale")
    if not found.is_alert:
        return Fine(found.summary)
    return Advised(
        found.summary,
        found.cause,
        found.fix or "Standardise the inputs.",
        m.place.stage("verify", "verify"),
        Expected("known", "whether the inputs are of one scale"),
        m.at_most(m.shortfall or 0.0),
    )


RULE = Rule("input_scale", ("H89", "D7"), SOURCE, DIRECT, judge)
