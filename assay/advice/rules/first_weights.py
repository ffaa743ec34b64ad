"""H37, H39: first weights are right when signals neither fade nor grow from layer to layer: seen on one mini-batch.

Source: Goodfellow et al. 2016, section 8.4; Mishkin & Matas 2015 (arXiv:1511.06422).
"""

from __future__ import annotations

from assay.advice.fitting import takes
from assay.advice.judgement import LIKELY, Advised, Expected, Fine, Judgement, Rule
from assay.advice.lacking import no_finding
from assay.advice.measurements import Measurements

SOURCE = "Goodfellow et al. 2016, section 8.4; Mishkin & Matas 2015 (arXiv:1511.06422)"
TRICK = "LayerSequentialInit()"


def judge(m: Measurements) -> Judgement:
    """What the check of the first weights says."""
    found = m.find("verify.initialization_scale")
    if found is None:
        return no_finding(m, "verify.initialization_scale")
    if not found.is_alert or not takes(m, TRICK):
        return Fine(found.summary)
    return Advised(
        found.summary,
        found.cause or "First weights are too large or too small.",
        "Scale them layer by layer on one batch.",
        m.place.train("scaled", tricks=[TRICK]),
        Expected("training", "up"),
        m.at_most(m.training_shortfall or 0.0),
    )


RULE = Rule("first_weights", ("H37", "H39"), SOURCE, LIKELY, judge)
