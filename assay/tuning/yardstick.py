"""What the trials of a tuning are judged by: the data's own metric, or another one worked out from their answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from assay.trial import Answers, Trial

TOLD_BY_LOSS = ("loss", "calibration")
"""Metrics that the loss stands in for at the looks on the way, where no answers are kept; else the data's own does."""


@dataclass(frozen=True, eq=False)
class Yardstick:
    """A metric on n validation examples.

    name: of the metric; the data's own where it is empty. sign: 1 where higher is better, else -1.
    scored: (answers, targets) -> (n,) scores whose mean is the metric; those that trials bring along without.
    targets: (n,) of the validation examples, where `scored` needs them.
    """

    name: str = ""
    sign: int = 1
    scored: Callable[[Answers, np.ndarray], np.ndarray] | None = None
    targets: np.ndarray | None = None

    def scores(self, trial: Trial, places: np.ndarray | None = None) -> np.ndarray:
        """(n,) scores whose mean is the metric, or those of the examples at `places` alone.

        Raises:
            ValueError: the trial keeps no answers, and another metric than its own is asked for.
        """
        chosen = slice(None) if places is None else places
        if self.scored is None or self.targets is None:
            return trial.example_scores[chosen]
        if trial.answers is None:
            raise ValueError(f"metric {self.name} needs the answers of a trial, got one that keeps none")
        answers = trial.answers
        part = Answers(answers.predicted[chosen], answers.confidence[chosen], answers.losses[chosen])
        return self.scored(part, self.targets[chosen])

    def on(self, places: np.ndarray) -> Yardstick:
        """The same for data whose validation split is the examples at these places."""
        return self if self.targets is None else replace(self, targets=self.targets[places])

    @property
    def by_loss(self) -> bool:
        """Whether looks on the way are told by the loss."""
        return self.name in TOLD_BY_LOSS
