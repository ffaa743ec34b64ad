"""H66, H72: below ten million examples some regularisation from the start; where no data are to be had, measure which.

Source: Goodfellow et al. 2016, sections 11.2 and 11.3.
"""

from __future__ import annotations

from assay.advice.fitting import specify, takes
from assay.advice.judgement import LIKELY, Advised, Expected, Fine, Judgement, Rule
from assay.advice.lacking import no_recipe, no_scores
from assay.advice.measurements import Measurements
from assay.advice.rules.more_data import has_gap
from assay.defaults import SMALLEST_SIDE, crop_padding

SOURCE = "Goodfellow et al. 2016, sections 11.2 and 11.3"
SHARE = 0.5
"""Our guess, from no source: the part of the gap that this brings at most."""
MOST = 4
"""Our choice: a study of them has five arms."""


def candidates(m: Measurements) -> tuple[str, ...]:
    """The usual regularisers, the likeliest first; those that move or cut images go by the images' size."""
    known = specify(m)
    side = min(known.input_shape[1:]) if known.is_image else 0
    cuts = (
        (f"Crop(padding={crop_padding(known)})", f"Cutout(size={max(2, side // 3)})") if side >= SMALLEST_SIDE else ()
    )
    return ("Mixup(alpha=0.2)", *cuts, "LabelSmoothing()", "WeightDecay(weight_decay=0.1)")


def judge(m: Measurements) -> Judgement:
    """An ablation of what the recipe has not got yet, where there is a gap."""
    if m.recipe is None:
        return no_recipe(m)
    gap = has_gap(m)
    if gap is None or m.gap is None:
        return no_scores(m)
    held = {type(trick).__name__ for trick in m.recipe.tricks} | {row["trick"].split("(")[0] for row in m.tricks}
    usual = [one for one in candidates(m) if takes(m, one)]
    left = [one for one in usual if one.split("(")[0] not in held][:MOST]
    decay = m.recipe.optimizer.weight_decay
    text = f"Weight decay is {decay:.3g}; of {len(usual)} usual regularisers {len(left)} were neither used nor tried."
    if not gap or not left:
        return Fine(text)
    options = [part for one in left for part in ("--tricks", one)]
    size = "mixup: CIFAR-10 error 5.48 -> 4.17 of a PreAct-18 (tensorpack); less, or none, in short trainings"
    return Advised(
        f"{text} The gap to training is {m.gap[0]:.4f} [{m.gap[1]:.4f}, {m.gap[2]:.4f}].",
        "The network is free to learn its examples by heart.",
        "Measure which of them pays here.",
        m.place.stage("ablate", "ablate", *options),
        Expected("known", "which trick helps", size),
        SHARE * m.at_most(m.gap[0]),
        {"left": left},
    )


RULE = Rule("regularisation", ("H66", "H72"), SOURCE, LIKELY, judge)
