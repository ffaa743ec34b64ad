"""A network that does not beat nearest neighbours or a linear model has learned nothing that they had not.

Source: Karpathy 2019, A Recipe for Training Neural Networks, step 2 (dumb baselines).
"""

from __future__ import annotations

from assay.advice.judgement import LIKELY, Advised, Expected, Fine, Judgement, Rule
from assay.advice.lacking import no_finding, no_scores
from assay.advice.measurements import Measurements

SOURCE = "Karpathy 2019, A Recipe for Training Neural Networks, step 2"


def judge(m: Measurements) -> Judgement:
    """Where the best simple predictor is better beyond doubt, the training failed somewhere."""
    score = m.shipped or m.validation
    if score is None:
        return no_scores(m)
    if m.baseline is None:
        return no_finding(m, "baselines.baselines")
    name, value, low, high, n = m.baseline
    reached = f"{value:.4f} [{low:.4f}, {high:.4f}] (n = {n})"
    text = f"The best simple predictor, {name}, reaches {reached}; the network {score.value:.4f}."
    if not score.high < low:
        return Fine(text)
    return Advised(
        text,
        "What is needed is in the data, and the training does not get it out.",
        "Let the checks look at the training.",
        m.place.stage("verify", "verify"),
        Expected("known", "whether the pipeline is at fault"),
        m.at_most(value - score.value),
    )


RULE = Rule("simple_rival", (), SOURCE, LIKELY, judge)
