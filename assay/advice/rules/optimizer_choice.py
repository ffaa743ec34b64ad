"""H41, H42, H62, H64: begin with momentum of .5, .9 or .99 and a rate that falls, or with Adam.

RMSProp is biased in its first steps, and descent without momentum creeps along ravines.

Source: Goodfellow et al. 2016, sections 8.3.2, 8.5.2 and 11.2.
"""

from __future__ import annotations

from typing import Any

from assay.advice.fitting import takes
from assay.advice.judgement import CUSTOM, Advised, Expected, Fine, Judgement, Rule
from assay.advice.lacking import no_recipe
from assay.advice.measurements import Measurements

SOURCE = "Goodfellow et al. 2016, sections 8.3.2, 8.5.2 and 11.2"
SHARE = 0.5
"""Our guess, from no source: the part of the training error that this brings at most."""


def judge(m: Measurements) -> Judgement:
    """Momentum, where descent has none; Adam in place of RMSProp."""
    if m.recipe is None:
        return no_recipe(m)
    own: Any = m.recipe.own_optimizer
    name, momentum = type(own).__name__, getattr(own, "momentum", None)
    text = f"The optimiser is {name}" + ("." if momentum is None else f" with momentum {momentum:.3g}.")
    stake = SHARE * m.at_most(m.training_shortfall or 0.0)
    if name == "RMSProp" and stake and takes(m, f"UseAdam(learning_rate={own.learning_rate:.2g})"):
        trick = f"UseAdam(learning_rate={own.learning_rate:.2g})"
        cause, action = "Its first steps rest on an average that begins at 0.", "Take Adam, which corrects for that."
    elif momentum == 0.0 and stake:
        trick = f"HeavyBall(learning_rate={0.1 * own.learning_rate:.2g}, momentum=0.9)"
        cause, action = (
            "Without momentum steps go to and fro across a ravine.",
            "Give it momentum, and a tenth of the rate.",
        )
    else:
        return Fine(text)
    return Advised(text, cause, action, m.place.train("momentum", tricks=[trick]), Expected("training", "up"), stake)


RULE = Rule("optimizer_choice", ("H41", "H42", "H62", "H64"), SOURCE, CUSTOM, judge)
