"""H65: where optimisation is troubled, normalise the layers at once.

Troubled is a training that does not fit its own examples, or whose gradients or signals vanish or explode.

Source: Goodfellow et al. 2016, sections 8.7.1 and 11.2.
"""

from __future__ import annotations

from assay.advice.fitting import takes
from assay.advice.judgement import LIKELY, Advised, Expected, Fine, Judgement, Rule
from assay.advice.lacking import no_finding, no_recipe
from assay.advice.measurements import Measurements
from assay.models.mlp import MLP

SOURCE = "Goodfellow et al. 2016, sections 8.7.1 and 11.2"
TRICK = "BatchNorm()"
CHECKS = ("verify.vanishing_gradients", "verify.exploding_gradients", "verify.initialization_scale")


def judge(m: Measurements) -> Judgement:
    """Whether a check of the signal failed in a network that does not normalise."""
    if m.recipe is None:
        return no_recipe(m)
    found = [one for name in CHECKS if (one := m.find(name)) is not None]
    if not found:
        return no_finding(m, "verify.vanishing_gradients")
    troubled = [one for one in found if one.is_alert]
    if not troubled:
        return Fine(found[0].summary)
    bare = isinstance(m.recipe.model, MLP) or not takes(m, TRICK)
    command = m.place.stage("verify", "verify") if bare else m.place.train("normalised", tricks=[TRICK])
    expected = Expected("known", "which layer it is") if bare else Expected("training", "up")
    return Advised(
        troubled[0].summary,
        troubled[0].cause,
        troubled[0].fix or "Normalise the layers.",
        command,
        expected,
        m.at_most(m.training_shortfall or 0.0),
    )


RULE = Rule("batch_norm", ("H65",), SOURCE, LIKELY, judge)
