"""What the trainings reached that effects are held against: a point gained is another thing at 60 % than at 99 %."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from assay.ablation.designs.design import BASELINE, Arm
from assay.ablation.judge import Judge
from assay.ablation.metrics.metric import Metric
from assay.trial import Trial


@dataclass(frozen=True)
class Level:
    """The mean of the metric over n seeds, and its standard deviation over them, which is nan of one.

    of: the recipe that was trained, in words.
    """

    of: str
    value: float
    deviation: float
    n: int


def level_of(trials: Mapping[tuple[Arm, int], Trial], count: int, judge: Judge) -> Level | None:
    """Of the baseline; of the whole stack where the design trains no baseline; None where neither finished.

    Args:
        count: how many tricks there are.
    """
    for arm, name in ((BASELINE, "the baseline"), (tuple(range(count)), "the whole stack")):
        values = [float(judge.scores(trial).mean()) for (one, _), trial in trials.items()
                  if one == arm and math.isfinite(trial.value) and math.isfinite(trial.loss)]  # fmt: skip
        if values:
            deviation = float(np.std(values, ddof=1)) if len(values) > 1 else math.nan
            return Level(name, float(np.mean(values)), deviation, len(values))
    return None


def tell_level(level: Level | None, metric: Metric) -> str:
    """` The accuracy of the baseline is 96.30 % (mean of 3 seeds, standard deviation 0.35).`; empty of none."""
    if level is None:
        return ""
    seeds = "1 seed" if level.n == 1 else f"mean of {level.n} seeds"
    spread = "" if math.isnan(level.deviation) else f", standard deviation {metric.told(level.deviation, signed=False)}"
    value = metric.told(level.value, signed=False) + (" %" if metric.scale == 100 else "")
    return f" The {metric.title} of {level.of} is {value} ({seeds}{spread})."
