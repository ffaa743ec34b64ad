"""What the columns of a study's tables mean, in the words that stand below them."""

from __future__ import annotations

import math

from assay.ablation.cost_findings import singles
from assay.ablation.effect_table import is_clear_alone
from assay.ablation.studied import Study
from assay.ablation.wording import CLEAR_ALONE

SEEN_FROM = (
    "Seen from: a study like this one would have found an effect of this size four times in five, at the error rate of "
    "all its verdicts and by the luck that the trick's own seeds and examples showed."
)
CHANCE = "Chance it helps: posterior under a flat prior, of that effect and no other."
MEMORY = "peak memory and operations (of matrix products and convolutions) measured once"


def tell_seen_from(study: Study) -> list[str]:
    """With what stands in its place, where it does."""
    alone = [
        f"{CLEAR_ALONE.capitalize()}: its own interval leaves out 0, and the error rate of all verdicts allows none."
    ]
    return [SEEN_FROM, *(alone if any(map(is_clear_alone, study.effects)) else [])]


def tell_seconds(study: Study, *, ranges: bool = True) -> str:
    """Over what ratios of seconds are medians, by where they are from.

    Args:
        ranges: whether these stand beside.
    """
    known = [effect for effect in singles(study) if not math.isnan(effect.seconds_per_step_ratio)]
    in_turn = study.costs.in_turn if study.costs else {}
    told = {place for place, one in in_turn.items() if not one.is_of_trainings}
    apart = [effect.name for effect in known if effect.tricks[0] in told]
    over_seeds = "median over seeds" + " with their range" * ranges
    over_places = "from updates that were timed in turn" + ", with the range over places of the training" * ranges
    if not apart:
        return over_seeds
    return over_places if len(apart) == len(known) else f"{over_seeds}; of {', '.join(apart)} {over_places}"
