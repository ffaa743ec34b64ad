"""Macro F1: the mean over classes of the harmonic mean of precision and recall.

    F1_c = 2 right_c / (n_c + predicted_c)        0 where nothing is right
    F1   = mean over classes with a validation example

Its scores are those of the jackknife: without one example only the F1 of its own class and of the predicted one change.

Source: Opitz and Burst 2019 (arXiv:1911.03347), the mean of F1 scores; jackknife: see `metric`.
"""

from __future__ import annotations

import numpy as np

from assay.ablation.metrics.accuracy import right_answers
from assay.ablation.metrics.metric import Metric, jackknifed
from assay.trial import Answers


def f1_scores(answers: Answers, targets: np.ndarray) -> np.ndarray:
    """(n,) scores whose mean is the macro F1."""
    counts = Counts(answers, targets)
    wholes, withouts = zip(*(counts.of(label) for label in np.unique(targets).tolist()), strict=True)
    return jackknifed(float(np.mean(wholes)), np.mean(withouts, axis=0))


def f1_of_class(answers: Answers, targets: np.ndarray, label: int) -> np.ndarray:
    """(n,) scores of all examples whose mean is the F1 of one class: what is said of the others counts too."""
    return jackknifed(*Counts(answers, targets).of(label))


class Counts:
    """What F1 is made of, once for all classes."""

    def __init__(self, answers: Answers, targets: np.ndarray) -> None:
        self.right = right_answers(answers, targets)
        # An answer that is no number names no class.
        self.predicted = np.where(np.isfinite(answers.confidence), answers.predicted, -1)
        self.targets = targets

    def of(self, label: int) -> tuple[float, np.ndarray]:
        """F1 of a class, and (n,) the same without each example."""
        is_target, is_predicted = self.targets == label, self.predicted == label
        is_right = self.right & is_target
        right, together = int(is_right.sum()), is_target.astype(int) + is_predicted
        count = int(together.sum())
        return 2.0 * right / max(1, count), 2.0 * (right - is_right) / np.maximum(count - together, 1)


F1 = Metric("f1", "macro F1", "classification", f1_scores, scale=100.0, unit="points of macro F1", decimals=2,
            of_class=f1_of_class, averages_classes=True)  # fmt: skip
