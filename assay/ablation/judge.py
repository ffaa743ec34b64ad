"""What a study judges trainings by: a metric, the targets it needs, and the kind of interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from assay.ablation.metrics.accuracy import ACCURACY
from assay.ablation.metrics.metric import Metric
from assay.errors import InputError
from assay.trial import Trial

IntervalKind = Literal["t", "bootstrap"]
RARE = 10
"""Of fewer validation examples no verdict is given of a class, and a mean over classes is told to lean on them."""


@dataclass(frozen=True, eq=False)
class Judge:
    """metric by `interval`, for n validation examples with these (n,) targets.

    targets: None for the scores that the trials bring along, those of the data's own metric.
    classes: names of those whose effects are asked for one by one; empty where they are not.
    """

    metric: Metric = ACCURACY
    targets: np.ndarray | None = None
    interval: str = "t"
    classes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.interval not in get_args(IntervalKind):
            raise InputError(f"interval must be one of {', '.join(get_args(IntervalKind))}, got {self.interval!r}")

    @property
    def rare_classes(self) -> int:
        """How many classes have fewer examples than `RARE`, where the metric counts each as much as a frequent one."""
        if self.targets is None or not self.metric.averages_classes:
            return 0
        return int((np.unique(self.targets, return_counts=True)[1] < RARE).sum())

    @property
    def fewest_of_a_class(self) -> int:
        """Examples of the smallest class that has any; 0 without targets."""
        return 0 if self.targets is None else int(np.unique(self.targets, return_counts=True)[1].min())

    def scores(self, trial: Trial) -> np.ndarray:
        """(n,) scores whose mean is the metric.

        Raises:
            ValueError: the trial keeps no answers, and another metric than its own is asked for.
        """
        if self.targets is None:
            return trial.example_scores
        if trial.answers is None:
            raise ValueError(f"metric {self.metric.name} needs the answers of a trial, got one that keeps none")
        return self.metric.scores(trial.answers, self.targets)

    def scores_of_class(self, trial: Trial, label: int) -> np.ndarray:
        """The same of one class; of some metrics fewer numbers than examples.

        Raises:
            ValueError: there are no targets or answers, or the metric has no meaning for a class.
        """
        if self.targets is None or trial.answers is None or self.metric.of_class is None:
            raise ValueError(f"metric {self.metric.name} of each class needs targets and answers; give both")
        return self.metric.of_class(trial.answers, self.targets, label)
