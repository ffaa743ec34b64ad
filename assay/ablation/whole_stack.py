"""The effect of all tricks together, where those of single tricks are shares of it."""

from __future__ import annotations

import math
from typing import Any

from assay.ablation.studied import Study


def sum_of_shares(study: Study) -> float:
    """Nan where a share is not known, as of a training that diverged."""
    return math.fsum(effect.estimate for effect in study.effects)


def tell_whole(study: Study) -> str:
    """With its interval, and that the shares sum to it; empty of designs whose effects are no shares."""
    whole, metric = study.whole, study.judge.metric
    if whole is None:
        return ""
    if math.isnan(whole.estimate):
        return f" What all together add is not known: {whole.reason or 'too few seeds'}."
    told = (
        f" All together add {metric.told_in_full(whole.estimate)} (95 % interval "
        f"{metric.told(whole.low)} to {metric.told(whole.high)}, n = {whole.n})"
    )
    if math.isnan(sum_of_shares(study)):
        return f"{told}; one of the shares is not known."
    return f"{told}; the effects sum to {metric.told(sum_of_shares(study))}."


def whole_as_evidence(study: Study) -> dict[str, Any]:
    """The same in numbers."""
    whole = study.whole
    if whole is None or math.isnan(whole.estimate):
        return {}
    total = sum_of_shares(study)
    return {
        "whole_stack": {
            "effect": whole.estimate, "interval": [whole.low, whole.high], "n": whole.n,
            "sum_of_effects": None if math.isnan(total) else total,
        }
    }  # fmt: skip
