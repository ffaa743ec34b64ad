"""H70, H76, Z10, first half: a network that does not fit its own training examples is too small, or badly optimised.

It is the error on training examples that decides, against the target, or without one against the gap to validation.
Where even the largest size tried fits nothing, it is the data that ask for a look. Where answers may be no better than
a constant one, nothing was learned yet that says anything of the size: until a rate was searched for, it is silent.

Source: Goodfellow et al. 2016, section 11.3.
"""

from __future__ import annotations

from assay.advice.fitting import takes
from assay.advice.gap import half_of
from assay.advice.judgement import LIKELY, Advised, Expected, Fine, Judgement, Rule
from assay.advice.lacking import no_scores
from assay.advice.measurements import Measurements
from assay.advice.searched import read_search

SOURCE = "Goodfellow et al. 2016, section 11.3"
WIDER = "Widen(factor=2)"


def is_underfit(m: Measurements) -> bool | None:
    """Whether training examples are fitted too badly, beyond doubt; None where that was not measured."""
    if m.training is None or m.validation is None:
        return None
    if m.target is not None:
        return not m.training.high >= m.target
    lead = (m.training.value - m.validation.value) - (1 - m.training.value)
    return not lead + half_of(m.training, m.validation)[1] >= 0


def judge(m: Measurements) -> Judgement:
    """A network twice as wide; or the data, where no size fits them."""
    underfit = is_underfit(m)
    if underfit is None or m.training is None:
        return no_scores(m)
    goal = f"the target of {m.target:.4g}" if m.target is not None else "what validation leaves to gain"
    text = (
        f"Training {m.training.metric} {m.training.value:.4f} [{m.training.low:.4f}, {m.training.high:.4f}] "
        f"(n = {m.training.n}), held against {goal}"
    )
    if not underfit:
        return Fine(f"{text}: capacity is not what is lacking.")
    stake = m.at_most(m.training_shortfall or 0.0)
    fit = m.find("overfit.capacity")
    if fit is not None and fit.is_alert:
        return Advised(
            f"{text}; {fit.summary}",
            fit.cause,
            "Look at the data before the network.",
            m.place.stage("clean", "clean", takes_recipe=False),
            Expected("known", "which labels several models contradict"),
            stake,
        )
    if m.is_at_chance and read_search(m) is None:
        return Fine(f"{text}: it may be no better than a constant answer's; rate and length come before the size.")
    wider = takes(m, WIDER)
    command = (
        m.place.train("wider", tricks=[WIDER]) if wider else m.place.stage("overfit", "overfit", takes_recipe=False)
    )
    return Advised(
        f"{text}: the network does not fit what it has seen.",
        "Too few units, or steps that do not get there.",
        "Take a network twice as wide.",
        command,
        Expected("training", "up") if wider else Expected("known", "which size fits"),
        stake,
    )


RULE = Rule("capacity", ("H70", "H76", "Z10"), SOURCE, LIKELY, judge)
