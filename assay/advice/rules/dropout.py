"""H22 to H27 and H67: dropout is for wide layers, trained long, on more than 5,000 examples, without batch norm.

    below 5,000 examples it does little, on very many too; batch norm may make it unnecessary, and before it it hurts
    it wants a larger network and more steps; keep .8 of inputs and .5 of hidden units

Source: Goodfellow et al. 2016, section 7.12; Srivastava et al. 2014, appendix A; Li et al. 2018 (arXiv:1801.05134).
"""

from __future__ import annotations

from assay.advice.fitting import takes
from assay.advice.judgement import CUSTOM, Advised, Expected, Fine, Judgement, Rule
from assay.advice.lacking import no_recipe, no_scores
from assay.advice.measurements import Measurements
from assay.advice.rules.capacity import is_underfit
from assay.advice.rules.more_data import has_gap
from assay.models.mlp import MLP

SOURCE = "Goodfellow et al. 2016, section 7.12; Srivastava et al. 2014; Li et al. 2018 (arXiv:1801.05134)"
SHARE = 0.5
"""Our guess, from no source: the part of the gap that this brings at most."""
DROPPING = ("Dropout", "Dropout2d", "InputDropout", "DropConnect", "DropBlock")
FEWEST, WIDE = 5_000, 128


def judge(m: Measurements) -> Judgement:
    """Out, where the network underfits with it; in, where all that it wants is there and a gap too."""
    if m.recipe is None:
        return no_recipe(m)
    underfit, gap = is_underfit(m), has_gap(m)
    if underfit is None or gap is None or m.gap is None:
        return no_scores(m)
    held = [type(trick).__name__ for trick in m.recipe.tricks if type(trick).__name__ in DROPPING]
    if held and underfit:
        return Advised(
            f"The recipe drops units ({', '.join(held)}) and does not fit its training examples.",
            "Dropout takes capacity away, and wants a larger network and longer training.",
            "Leave it out.",
            m.place.train("whole", without=held),
            Expected("training", "up"),
            m.at_most(m.training_shortfall or 0.0),
        )
    model = m.recipe.model
    wide = isinstance(model, MLP) and max(model.hidden, default=0) >= WIDE
    few = m.examples is None or m.examples < FEWEST
    number = "unknown" if m.examples is None else f"{m.examples:,}"
    text = f"The recipe {'drops units' if held else 'has no dropout'} (training examples: {number})."
    if held or few or not wide or not gap or not takes(m, "Dropout()"):
        return Fine(text)
    return Advised(
        text,
        "Wide layers without batch norm, enough examples, and a gap: where dropout was made for.",
        "Drop half of the hidden units.",
        m.place.train("dropped", tricks=["Dropout()"]),
        Expected("validation", "up", "MNIST error 1.60 -> 1.35 % (Srivastava et al. 2014, table 2)"),
        SHARE * m.at_most(m.gap[0]),
    )


RULE = Rule("dropout", ("H22", "H23", "H24", "H25", "H26", "H27", "H67"), SOURCE, CUSTOM, judge)
