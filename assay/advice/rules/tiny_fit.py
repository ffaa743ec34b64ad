"""H83, Z7: a network that cannot learn a handful of examples by heart has a fault in its program, and not in its size.

Source: Goodfellow et al. 2016, section 11.5; Karpathy 2019, A Recipe for Training Neural Networks, step 2.
"""

from __future__ import annotations

from assay.advice.judgement import DIRECT, Advised, Expected, Fine, Judgement, Rule
from assay.advice.lacking import no_finding
from assay.advice.measurements import Measurements

SOURCE = "Goodfellow et al. 2016, section 11.5; Karpathy 2019, A Recipe for Training Neural Networks, step 2"


def judge(m: Measurements) -> Judgement:
    """What became of one batch that was trained on again and again."""
    found = m.find("verify.overfit_one_batch")
    if found is None:
        return no_finding(m, "verify.overfit_one_batch")
    if not found.is_alert:
        return Fine(found.summary)
    return Advised(
        found.summary,
        found.cause or "A fault in the program.",
        found.fix or "Look for the fault.",
        m.place.stage("verify", "verify"),
        Expected("known", "whether one batch can be learned"),
        m.shortfall if m.shortfall is not None else 1.0,
    )


RULE = Rule("tiny_fit", ("H83", "Z7"), SOURCE, DIRECT, judge)
