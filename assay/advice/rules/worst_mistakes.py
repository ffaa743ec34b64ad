"""H82, Z8, D6: look at the mistakes that the model is surest of: they show faults of the data and of the program.

Source: Goodfellow et al. 2016, section 11.5.
"""

from __future__ import annotations

from assay.advice.command import Command
from assay.advice.judgement import CUSTOM, Advised, Expected, Fine, Judgement, Rule
from assay.advice.lacking import no_finding
from assay.advice.measurements import Measurements

SOURCE = "Goodfellow et al. 2016, section 11.5"
STAKE = 0.1
"""Our guess, from no source: the part of what the goal asks for that looking at mistakes brings at most."""
"""Of the shortfall: mistakes that turn out to be wrong labels or faults of reading."""


def judge(m: Measurements) -> Judgement:
    """The sure mistakes, where there are some and the goal is not reached."""
    found = m.find("test.worst_errors")
    if found is None:
        return no_finding(m, "test.worst_errors")
    count = len(found.evidence.get("ids", ()))
    if not count or not m.shortfall or m.folder is None:
        return Fine(found.summary)
    command = Command(("assay", "ui", str(m.folder)))
    return Advised(
        found.summary,
        "The surest mistakes are often wrong labels.",
        "Look at the surest mistakes, one by one.",
        command,
        Expected("known", "which mistakes are the data's"),
        STAKE * m.shortfall,
    )


RULE = Rule("worst_mistakes", ("H82", "Z8", "D6"), SOURCE, CUSTOM, judge)
