"""D2, D9: labels that contradict all their neighbours: clean them before anything is tuned on them.

    noise = share of other labels where the 5 nearest others all bear one class

Where labels are wrong at random and classes lie apart, this share is the share of wrong labels; where classes overlap
it is larger. What is advised is to have several models look, which does not rest on distances.

Source: Wilson 1972 (edited nearest neighbours); Northcutt et al. 2021, Confident Learning.
"""

from __future__ import annotations

from pathlib import Path

from assay.advice.command import Command
from assay.advice.judgement import LIKELY, Advised, Expected, Fine, Judgement, NotMeasured, Rule
from assay.advice.measurements import Measurements
from assay.intervals import wilson_interval
from assay.run_folder import AUDIT

SOURCE = "Wilson 1972; Northcutt et al. 2021, Confident Learning"
FEWEST, MUCH = 40, 0.05
"""Labels of large public test sets are wrong in 3.4 % on average (Northcutt et al. 2021): less than 5 % is usual."""

CLEANED = "clean"
"""The folder beside the run that `assay clean` is sent to."""


def judge(m: Measurements) -> Judgement:
    """The share, and whether it is beyond doubt more than what is usual; several models outweigh neighbours."""
    if m.judged is not None:
        return of_models(m, *m.judged)
    clean = m.place.stage("clean", CLEANED, takes_recipe=False)
    if m.neighbours is None:
        return NotMeasured("how labels agree with their neighbours, or with several models", clean)
    n, wrong = m.neighbours
    if n < FEWEST:
        few = f"of too few training examples all neighbours agree ({n}, {FEWEST} needed); several models can judge all"
        return NotMeasured(few, clean)
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
        clean,
        Expected("known", "which labels several models contradict"),
        m.at_most(wrong / n),
        {"n": n, "contradicted": wrong, "low": low, "high": high},
    )


def of_models(m: Measurements, n: int, flagged: int) -> Judgement:
    """What the cleaning beside the run found: decide on it, until the run was trained with decisions."""
    low, high = wilson_interval(flagged, n)
    text = f"Of {n:,} training labels, several models contradict {flagged / n:.1%} [{low:.1%}, {high:.1%}]."
    if low <= MUCH or m.asked.decisions is not None:
        return Fine(text)
    table = str(Path(m.place.beside(CLEANED)) / AUDIT)
    return Advised(
        text,
        "Labels are wrong, or classes overlap.",
        "Decide on the flagged labels, the worst first; then train with the decisions (`--decisions FILE`).",
        Command(("assay", "ui", *m.asked.words(), "--audit", table)),
        Expected("known", "which of them are wrong"),
        m.at_most(flagged / n),
        {"n": n, "flagged": flagged, "low": low, "high": high},
    )


RULE = Rule("label_noise", ("D2", "D9"), SOURCE, LIKELY, judge)
