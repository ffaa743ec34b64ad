"""A loss that falls to the end, and does not slow down or would soon be halved, was not trained long enough.

    fall = median of the middle third - median of the last third, beyond doubt
    too short: 3 fall >= half of the last median; or 3 fall >= a tenth of it, and fall >= half of the fall before, from
    the median of the first third to that of the middle one; or too few steps to tell, and answers that may be no better
    than a constant one. A loss that creeps down from there asks for a search of the rate first.

Source: Karpathy 2019, A Recipe for Training Neural Networks, step 6 (leave it training).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from assay.advice.curves import Curves
from assay.advice.judgement import DIRECT, LONGER, Advised, Expected, Fine, Judgement, NotMeasured, Rule
from assay.advice.lacking import curves_or_none, no_curves
from assay.advice.loss_shape import is_straight
from assay.advice.measurements import Measurements
from assay.advice.robust import is_lower
from assay.advice.rules.capacity import is_underfit

SOURCE = "Karpathy 2019, A Recipe for Training Neural Networks, step 6"
FEWEST, HALF, TENTH = 20, 0.5, 0.1


def judge(m: Measurements) -> Judgement:
    """Three times the epochs, where training examples are not fitted yet and the loss still falls."""
    curves = curves_or_none(m)
    if curves is None:
        return no_curves(m)
    losses, third = curves.losses, len(curves.losses) // 3
    if curves.is_finite and len(losses) < FEWEST and m.is_at_chance:
        return longer(m, curves, f"{len(losses)} recorded losses of a training that learned nothing yet tell no more.")
    if len(losses) < FEWEST or not curves.is_finite:
        return NotMeasured(f"enough finite losses ({len(losses)}, {FEWEST} needed)", m.place.train("measured"))
    first, middle, last = losses[:third], losses[third : 2 * third], losses[2 * third :]
    before, fall = (float(np.median(a) - np.median(b)) for a, b in ((first, middle), (middle, last)))
    end = float(np.median(last))
    text = f"The last third of the training took the loss from {np.median(middle):.3g} to {end:.3g} (medians)."
    goes_on = is_lower(last, middle) and (3 * fall >= HALF * end or (3 * fall >= TENTH * end and fall >= HALF * before))
    if not goes_on or is_underfit(m) is not True or is_straight(curves):
        return Fine(text)
    return longer(m, curves, text, {"end": end, "fall": fall, "fall_before": before})


def longer(m: Measurements, curves: Curves, text: str, evidence: Mapping[str, float] | None = None) -> Advised:
    """Three times the epochs."""
    epochs = 3 * (m.recipe.epochs if m.recipe is not None else curves.epochs)
    return Advised(
        text,
        "The training ended before the network had learned what it can.",
        "Train three times as long.",
        m.place.train("longer", epochs=epochs),
        Expected("training", "up"),
        m.at_most(m.training_shortfall or 0.0),
        {**(evidence or {}), **LONGER},
    )


RULE = Rule("training_length", (), SOURCE, DIRECT, judge)
