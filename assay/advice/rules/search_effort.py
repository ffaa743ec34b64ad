"""H79: random search finds one of the best 5 % of settings with 95 % certainty after 59 draws, and seldom in a few.

    chance = 1 - .95^draws

That is of random draws; of other searches only their number is told, and the same number is asked of them.

Source: Bergstra & Bengio 2012; Goodfellow et al. 2016, section 11.4.4.
"""

from __future__ import annotations

from assay.advice.judgement import CUSTOM, Advised, Expected, Fine, Judgement, Rule
from assay.advice.lacking import no_finding
from assay.advice.measurements import Measurements
from assay.advice.searched import read_search

SOURCE = "Bergstra & Bengio 2012; Goodfellow et al. 2016, section 11.4.4"
EVEN = 14
"""Draws with which the chance passes one half."""
SHARE = 0.1
"""Our guess, from no source: of what the goal asks for, what a longer search brings at most."""


def judge(m: Measurements) -> Judgement:
    """How many settings were tried."""
    found = read_search(m)
    if found is None:
        return no_finding(m, "tune.hyperparameters")
    text = f"{found.draws} {found.kind} settings were tried"
    chance = f": one of the best 5 % is among them with a chance of {1 - 0.95**found.draws:.0%}"
    text = f"{text}{chance if found.kind == 'random' else ''}."
    if found.draws >= EVEN or not m.shortfall:
        return Fine(text)
    return Advised(
        text,
        "Few draws find good settings by luck only.",
        "Search longer for learning rate and weight decay.",
        m.place.stage("tune", "search", "--budget", "15m"),
        Expected("known", "whether a better setting is to be had"),
        SHARE * m.at_most(1.0),
        {"draws": found.draws, "search": found.kind},
    )


RULE = Rule("search_effort", ("H79",), SOURCE, CUSTOM, judge)
