"""Z11: filters of the first layer that carry nothing are channels to do without, or a training that did not reach them.

Source: Karpathy 2019, A Recipe for Training Neural Networks, step 2.
"""

from __future__ import annotations

from assay.advice.judgement import CUSTOM, Fine, Judgement, Rule
from assay.advice.lacking import no_finding
from assay.advice.measurements import Measurements

SOURCE = "Karpathy 2019, A Recipe for Training Neural Networks"


def judge(m: Measurements) -> Judgement:
    """How many carry nothing: told, with the picture in the run's own report."""
    found = m.find("test.first_layer_filters")
    return no_finding(m, "test.first_layer_filters") if found is None else Fine(found.summary)


RULE = Rule("first_filters", ("Z11",), SOURCE, CUSTOM, judge)
