"""The metrics by name."""

from __future__ import annotations

import difflib

from assay.ablation.metrics.accuracy import ACCURACY
from assay.ablation.metrics.calibration import CALIBRATION
from assay.ablation.metrics.f1 import F1
from assay.ablation.metrics.loss import LOSS
from assay.ablation.metrics.metric import Metric
from assay.ablation.metrics.r2 import R2
from assay.ablation.metrics.recall import RECALL
from assay.errors import InputError

METRICS: dict[str, Metric] = {
    metric.name: metric for metric in (ACCURACY, LOSS, F1, CALIBRATION, RECALL, R2)
}  # fmt: skip


def find_metric(name: str) -> Metric:
    """A metric by its name.

    Raises:
        InputError: none is called so; names the nearest.
    """
    if name in METRICS:
        return METRICS[name]
    near = difflib.get_close_matches(name.lower(), METRICS, n=1)
    guess = f" (did you mean {near[0]!r}?)" if near else ""
    raise InputError(f"metric must be one of {', '.join(METRICS)}, got {name!r}{guess}")


def metric_for(name: str, task: str) -> Metric:
    """A metric that judges this kind of data.

    Raises:
        InputError: no metric is called so, or it is for the other task.
    """
    metric = find_metric(name)
    if metric.task not in (task, "any"):
        fitting = ", ".join(one.name for one in METRICS.values() if one.task in (task, "any"))
        raise InputError(f"metric {name} is for {metric.task}, and this data is for {task}; take one of {fitting}")
    return metric
