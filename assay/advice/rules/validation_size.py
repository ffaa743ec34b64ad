"""H5, H6, D8: a fifth for validation; below 100,000 examples one split is little, and a second one tells how little.

What counts is whether the score is known well enough to be held against the target at all.

Source: Goodfellow et al. 2016, sections 5.3 and 5.3.1 (it says "too small", the number 100,000 is a reader's).
"""

from __future__ import annotations

from dataclasses import replace

from assay.advice.command import Command
from assay.advice.judgement import LIKELY, Advised, Expected, Fine, Judgement, Rule
from assay.advice.lacking import no_scores
from assay.advice.measurements import Measurements

SOURCE = "Goodfellow et al. 2016, sections 5.3 and 5.3.1"
USUAL, MANY = 0.2, 100_000


def judge(m: Measurements) -> Judgement:
    """Another split, where the target lies inside the interval of the score."""
    score = m.shipped or m.validation
    if score is None:
        return no_scores(m)
    whole = None if m.examples is None else m.examples + score.n
    share = "" if whole is None else f", {score.n / whole:.0%} of what is not test (usual is {USUAL:.0%})"
    limits = f"[{score.low:.4f}, {score.high:.4f}] (n = {score.n}{share})"
    text = f"Validation {score.metric} {score.value:.4f} is known to {limits}."
    unsure = m.target is not None and score.low < m.target <= score.high
    if not unsure or (whole is not None and whole >= MANY):
        return Fine(text)
    again = replace(m.asked, seed=m.asked.seed + 1)
    folder = m.place.beside("other-split")
    recipe = () if m.recipe_file is None else ("--recipe", str(m.recipe_file))
    command = Command(("assay", "train", *again.words(), *recipe, "--out", folder), folder)
    return Advised(
        f"{text} The target of {m.target:.4g} lies inside.",
        "The split is too small to tell.",
        "Judge the same recipe on another split.",
        command,
        Expected("known", "the score on another split"),
        m.shortfall or 0.0,
    )


RULE = Rule("validation_size", ("H5", "H6", "D8"), SOURCE, LIKELY, judge)
