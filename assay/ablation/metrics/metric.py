"""A metric: from what a network said of n examples to n numbers whose mean is the metric.

    metric = mean over examples of score_i

With such scores one way of pairing, of intervals and of tests serves all metrics: two recipes are compared example by
example. A mean over examples (accuracy, loss, recall) has its scores at once. Others (F1, calibration error) have those
of the jackknife: what the metric loses without an example, times n - 1, moved so that their mean is the metric itself:

    score_i = metric + (n - 1) (mean over j of metric without j - metric without i)

Source: Tukey 1958, Bias and confidence in not-quite large samples; Efron and Tibshirani 1993, chapter 11.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from assay.trial import Answers

Scores = Callable[[Answers, np.ndarray], np.ndarray]
"""(answers to n examples, their (n,) targets) -> (n,) scores whose mean is the metric."""


@dataclass(frozen=True)
class Metric:
    """What is measured, which way is better, and how a difference is told.

    task: the only one it is for; "any" if it is for both. scale, unit, decimals: of a difference as people read it.
    of_class: the same of the examples of one class; None where that has no meaning.
    averages_classes: whether a rare class counts as much as a frequent one. fewest_of_class: examples that each class
    must have which has any.
    """

    name: str
    title: str
    task: Literal["classification", "regression", "any"]
    scores: Scores
    higher_is_better: bool = True
    scale: float = 1.0
    unit: str = ""
    decimals: int = 4
    of_class: Callable[[Answers, np.ndarray, int], np.ndarray] | None = None
    averages_classes: bool = False
    fewest_of_class: int = 1

    @property
    def sign(self) -> int:
        """1 where higher is better, else -1."""
        return 1 if self.higher_is_better else -1

    @property
    def unit_in_full(self) -> str:
        """As a paper needs it beside the metric's name: `percentage points`; nothing where there is no scale."""
        return "percentage points" if self.scale == 100 else ""

    @property
    def named(self) -> str:
        """`validation loss (less is better)`."""
        return self.title if self.higher_is_better else f"{self.title} (less is better)"

    def told_in_full(self, difference: float) -> str:
        """`+1.25 percentage points`, `-0.0241`."""
        return f"{self.told(difference)} {self.unit_in_full}".strip()

    def told(self, difference: float, *, signed: bool = True) -> str:
        """A difference without its unit, as `+1.25`."""
        return f"{difference * self.scale:{'+' if signed else ''}.{self.decimals}f}"


def jackknifed(whole: float, without: np.ndarray) -> np.ndarray:
    """Scores of a metric that is no mean, with `whole` as their mean.

    Args:
        without: (n,) the metric without each example.
    """
    return whole + (len(without) - 1) * (without.mean() - without)


def restricted(scores: Scores) -> Callable[[Answers, np.ndarray, int], np.ndarray]:
    """The same scores, of the examples of one class alone."""

    def of_class(answers: Answers, targets: np.ndarray, label: int) -> np.ndarray:
        chosen = targets == label
        part = Answers(answers.predicted[chosen], answers.confidence[chosen], answers.losses[chosen])
        return scores(part, targets[chosen])

    return of_class
