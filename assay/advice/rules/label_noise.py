"""D2, D9: labels that contradict all their neighbours: clean them before anything is tuned on them.

    noise = share of other labels where the 5 nearest others all bear one class

Where labels are wrong at random and classes lie apart, this share is the share of wrong labels; where classes overlap
it is larger. What is advised is to have several models look, which does not rest on distances.

Source: Wilson 1972 (edited nearest neighbours); Northcutt et al. 2021, Confident Learning.
"""

from __future__ import annotations

from assay.advice.judgement import LIKELY, Advised, Expected, Fine, Judgement, Rule
from assay.advice.lacking import no_finding
from assay.advice.measurements import Measurements
from assay.intervals import wilson_interval

SOURCE = "Wilson 1972; Northcutt et al. 2021, Confident Learning"
FEWEST, MUCH = 40, 0.05
"""Labels of large public test sets are wrong in 3.4 % on average (Northcutt et al. 2021): less than 5 % is usual."""


def judge(m: Measurements) -> Judgement:
    """The share, and whether it is beyond doubt more than what is usual."""
    if m.neighbours is None or m.neighbours[0] < FEWEST:
        return no_finding(m, "verify.label_noise")
    n, wrong = m.neighbours
    low, high = wilson_interval(wrong, n)
    share = f"{wrong / n:.1%} [{low:.1%}, {high:.1%}]"
    text = f"Of {n:,} training examples whose neighbours all agree, {share} bear another label."
    cleaned = any(name.startswith("clean.") for name in m.findings) or m.asked.decisions is not None
    if low <= MUCH or cleaned:
        return Fine(text)
    return Advised(
        text,
        "Labels are wrong, or classes overlap.",
        "Have several models rank the suspicious labels.",
        m.place.stage("clean", "clean", takes_recipe=False),
        Expected("known", "which labels several models contradict"),
        m.at_most(wrong / n),
        {"n": n, "contradicted": wrong, "low": low, "high": high},
    )


RULE = Rule("label_noise", ("D2", "D9"), SOURCE, LIKELY, judge)
