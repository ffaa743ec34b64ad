"""H35, H43, H74: no number matters more than the learning rate, so it should have been searched for on this data.

Where the best rate of a search lies at an end of what was searched, better ones may lie beyond.

Source: Goodfellow et al. 2016, sections 8.3.1, 8.5.4 and 11.4.1.
"""

from __future__ import annotations

from assay.advice.judgement import CUSTOM, Advised, Expected, Fine, Judgement, Rule
from assay.advice.measurements import Measurements
from assay.advice.searched import read_search

SOURCE = "Goodfellow et al. 2016, sections 8.3.1, 8.5.4 and 11.4.1"
AT_THE_END = 1.25
SHARE = 0.2
"""Our guess, from no source: of what the goal asks for, what a search brings at most where no symptom speaks."""
EXPECTED = Expected("known", "which learning rate is best here")


def judge(m: Measurements) -> Judgement:
    """Whether there was a search, and where its best lies."""
    found = read_search(m)
    if found is not None and found.rate is None and found.of_rate:
        return Fine(found.summary)
    if found is None or found.rate is None:
        return search_first(m)
    if not found.at_upper_end(AT_THE_END):
        return Fine(found.summary)
    text = f"The best rate of {found.trials} settings, {found.rate:.3g}, lies at the upper end of the search."
    return Advised(
        text,
        "Better rates may lie beyond.",
        "Search again, longer: the range test begins anew from there.",
        m.place.stage("tune", "tune", "--budget", "10m"),
        EXPECTED,
        stake_of(m),
        {"best": found.rate},
    )


def search_first(m: Measurements) -> Advised:
    """Nobody has looked."""
    return Advised(
        "The learning rate was not searched for on this data.",
        "A default is a guess about other data.",
        "Search for the learning rate before any other setting.",
        m.place.stage("tune", "tune"),
        EXPECTED,
        stake_of(m),
    )


def stake_of(m: Measurements) -> float:
    """Our guess of what a search brings at most; all that is missing, where nothing was learned yet."""
    missing = m.at_most(1.0 if m.shortfall is None else m.shortfall)
    return missing if m.is_at_chance else SHARE * missing


RULE = Rule("searched_rate", ("H35", "H43", "H74"), SOURCE, CUSTOM, judge)
