"""A run that was stopped knows less than it was asked for: go on with it before anything else.

Source: the run itself: its stages, and those of a whole run.
"""

from __future__ import annotations

from assay.advice.command import Command
from assay.advice.judgement import DIRECT, Advised, Expected, Fine, Judgement, Rule
from assay.advice.measurements import Measurements

SOURCE = "the run itself"


def judge(m: Measurements) -> Judgement:
    """Which stages are missing."""
    if not m.missing or m.folder is None:
        return Fine("Nothing that was begun is unfinished.")
    told = ", ".join(m.missing)
    return Advised(
        f"The run has not reached {told}.",
        "Whatever they would have measured is not known.",
        "Go on with it.",
        Command(("assay", "run", "--resume", "--out", str(m.folder)), str(m.folder)),
        Expected("known", f"what {told} measure"),
        m.shortfall if m.shortfall is not None else 1.0,
        {"missing": list(m.missing)},
    )


RULE = Rule("unfinished", (), SOURCE, DIRECT, judge)
