"""What a study was asked: its options as plain values, checked before any data is read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from assay.ablation.designs.catalog import DESIGNS, require_known
from assay.ablation.judge import IntervalKind, Judge
from assay.ablation.metrics.catalog import find_metric, metric_for
from assay.ablation.metrics.metric import Metric
from assay.ablation.sequential import USUAL_LOOKS, Looks
from assay.ablation.stepwise import STEPWISE
from assay.data.data import Data
from assay.errors import InputError

Equal = Literal["epochs", "seconds"]


@dataclass(frozen=True)
class Asked:
    """tricks as they are written, all candidates if none.

    seeds: at most so many for each arm; just so many with all_seeds, where nothing stops early. epochs: of each
    training; as the budget allows without. metric: by its name; the data's own without. equal: what all trainings have
    alike. fidelity: share of the epochs that cheap trainings have, which go first; none do without.
    """

    tricks: tuple[str, ...] = ()
    design: str = "add-one"
    seeds: int = USUAL_LOOKS[-1]
    epochs: float | None = None
    metric: str | None = None
    interval: str = "t"
    equal: str = "epochs"
    per_class: bool = False
    fidelity: float | None = None
    all_seeds: bool = False

    def __post_init__(self) -> None:
        """Raises InputError: an option is out of its range, or unknown."""
        if self.epochs is not None and not 0 < self.epochs < math.inf:
            raise InputError(f"--epochs must be above 0 and finite, got {self.epochs:g}")
        if self.seeds < 2:
            raise InputError(f"--seeds must be at least 2 to tell an effect from luck, got {self.seeds}")
        for name, value, known in (("interval", self.interval, IntervalKind), ("equal", self.equal, Equal)):
            if value not in get_args(known):
                raise InputError(f"--{name} must be one of {', '.join(get_args(known))}, got {value!r}")
        require_known(self.design, (*DESIGNS, STEPWISE))
        if self.fidelity is not None and not 0 < self.fidelity < 1:
            raise InputError(
                f"--fidelity must be between 0 and 1, a share of the epochs, got {self.fidelity:g}; try 0.25"
            )
        if self.fidelity is not None and self.design != "add-one":
            raise InputError(f"--fidelity is for --design add-one, got {self.design}; leave one of them out")
        if self.metric is not None:
            find_metric(self.metric)

    @property
    def looks(self) -> Looks:
        """As usual up to the most seeds; a single one, after all of them, where nothing shall stop early."""
        if self.all_seeds:
            return Looks((self.seeds,))
        return Looks((*(look for look in USUAL_LOOKS if look < self.seeds), self.seeds))

    def judge(self, data: Data) -> Judge:
        """What trainings on this data are judged by.

        Raises:
            InputError: the metric is for other data, a class has too few examples for it, or classes are asked for
                where there are none.
        """
        specification = data.specification
        metric = metric_for(self.metric or specification.metric, specification.task)
        if self.per_class and not specification.classes:
            raise InputError("--per-class needs classes, and this data has a number as its target; leave it out")
        if metric.name == specification.metric and not self.per_class:
            return Judge(metric, interval=self.interval)
        classes, targets = specification.classes if self.per_class else (), data.validation.targets.numpy()
        require_examples(metric, targets, specification.classes)
        return Judge(metric, targets, self.interval, classes)


def require_examples(metric: Metric, targets: np.ndarray, classes: Sequence[str]) -> None:
    """Raises InputError: a class that has validation examples has too few of them for this metric."""
    if metric.fewest_of_class < 2:
        return
    labels, counts = np.unique(targets, return_counts=True)
    few = [classes[label] for label in labels[counts < metric.fewest_of_class]]
    if few:
        raise InputError(
            f"--metric {metric.name} needs at least {metric.fewest_of_class} validation examples of each class, got "
            f"fewer of {', '.join(map(str, few[:5]))}{', ...' if len(few) > 5 else ''}; take --metric f1 or accuracy"
        )
