"""A study's effects as plain values: the rows `tricks` of summary.json."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from assay.ablation.studied import StudiedEffect, Study
from assay.ablation.wording import ADJUSTMENT
from assay.recipe import Recipe, Trick

SCORED_BY = ("accuracy", "r2")


def rows_for_summary(study: Study, tricks: Sequence[Trick], best: Recipe) -> list[dict[str, Any]]:
    """The effects that were measured; those of pairs too. `more` is what only a study knows."""
    return [
        {"trick": effect.name, "effect": effect.estimate, "low": effect.low, "high": effect.high, "n": effect.n,
         "verdict": effect.verdict, "kept": all(tricks[place] in best.tricks for place in effect.tricks),
         "detectable": _known(effect.detectable),
         "seconds_per_step_ratio": _known(effect.seconds_per_step_ratio), **own_metric(study),
         "more": _more(study, effect)}
        for effect in study.effects if not math.isnan(effect.estimate)
    ]  # fmt: skip


def own_metric(study: Study) -> dict[str, str]:
    """The metric's name, where it is not the one that this kind of data is scored by anyway."""
    name = study.judge.metric.name
    return {} if name in SCORED_BY else {"metric": name}


def _more(study: Study, effect: StudiedEffect) -> dict[str, Any]:
    """How sure it is, on how many examples, at which length and cost, and what it did to each class."""
    classes = [
        {"class": one.label, "effect": one.estimate, "interval": [one.low, one.high], "n": one.n,
         "examples": one.examples, "verdict": one.verdict}
        for one in study.of_classes if one.name == effect.name
    ]  # fmt: skip
    return {
        "in_full": effect.in_full or effect.name, "p": effect.p,
        "p_adjusted": _known(effect.p_adjusted), "p_adjustment": ADJUSTMENT, "chance_it_helps": effect.chance_it_helps,
        "detectable": _known(effect.detectable), "validation_examples": study.examples or None,
        "seconds_per_step_range": [_known(ratio) for ratio in effect.seconds_range],
        "epochs": _known(effect.epochs[0]), "epochs_without": _known(effect.epochs[1]),
        "training_seconds_ratio": _known(effect.whole_seconds_ratio), **_costs(study, effect),
        **({"classes": classes} if classes else {}),
    }  # fmt: skip


def _costs(study: Study, effect: StudiedEffect) -> dict[str, float]:
    """Of an update with the trick, and by those without; nothing where they were not measured."""
    cost = study.costs.tricks.get(effect.tricks[0]) if study.costs and len(effect.tricks) == 1 else None
    if cost is None or study.costs is None:
        return {}
    baseline = study.costs.baseline
    return {
        "peak_bytes": cost.peak_bytes, "peak_bytes_without": baseline.peak_bytes,
        "flops_per_step": cost.flops_per_step, "flops_per_step_without": baseline.flops_per_step,
        "updates_measured": cost.sampled,
    }  # fmt: skip


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value
