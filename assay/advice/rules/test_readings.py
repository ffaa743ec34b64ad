"""The test split is read once: a second reading is a choice made on it, and its score is then too good.

Source: Goodfellow et al. 2016, section 5.3.
"""

from __future__ import annotations

from assay.advice.judgement import DIRECT, Fine, Judgement, NotMeasured, Rule
from assay.advice.measurements import Measurements

SOURCE = "Goodfellow et al. 2016, section 5.3"


def judge(m: Measurements) -> Judgement:
    """How often it was read."""
    if m.test_reads is None:
        return NotMeasured("how often the test split was read", m.place.stage("run", "whole", takes_recipe=False))
    if m.test_reads > 1:
        return Fine(
            f"The test split was read {m.test_reads} times: take its score as too good, and test on new examples."
        )
    return Fine(f"The test split was read {'once' if m.test_reads else 'not yet'}.")


RULE = Rule("test_readings", (), SOURCE, DIRECT, judge)
