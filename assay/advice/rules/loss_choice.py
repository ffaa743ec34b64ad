"""H9, H11: the negative log-likelihood is the loss to begin with; squared errors saturate behind a softmax or sigmoid.

Source: Goodfellow et al. 2016, sections 5.5 and 6.2.1.
"""

from __future__ import annotations

from assay.advice.command import Command
from assay.advice.judgement import LIKELY, Advised, Expected, Fine, Judgement, Rule
from assay.advice.lacking import no_recipe
from assay.advice.measurements import Measurements

SOURCE = "Goodfellow et al. 2016, sections 5.5 and 6.2.1"
SHARE = 0.5
"""Our guess, from no source: the part of the training error that this brings at most."""
DISTANCES = ("MeanSquaredError", "MeanAbsoluteErrorLoss", "HuberLoss")


def judge(m: Measurements) -> Judgement:
    """Of classification only: squared error is the log-likelihood of a regression."""
    if m.recipe is None:
        return no_recipe(m)
    name = type(m.recipe.loss).__name__
    if m.metric != "accuracy" or name not in DISTANCES:
        return Fine(f"The loss is {name}.")
    folder = m.place.beside("likelihood")
    command = Command(("assay", "train", *m.asked.words(), "--out", folder), folder)
    return Advised(
        f"The loss is {name}.",
        "Behind a softmax its gradient vanishes where answers are surely wrong.",
        "Train by cross-entropy, as the default recipe does.",
        command,
        Expected("validation", "up"),
        SHARE * m.at_most(m.training_shortfall or 0.0),
    )


RULE = Rule("loss_choice", ("H9", "H11"), SOURCE, LIKELY, judge)
