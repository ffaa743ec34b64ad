"""Accuracy: the share of examples whose likeliest class is the label.

score_i = 1 where predicted_i == target_i, else 0

Source: Sokolova and Lapalme 2009, A Systematic Analysis of Performance Measures for Classification Tasks.
"""

from __future__ import annotations

import numpy as np

from assay.ablation.metrics.metric import Metric, restricted
from assay.trial import Answers


def accuracy_scores(answers: Answers, targets: np.ndarray) -> np.ndarray:
    """(n,) 1 or 0; of one class alone, its recall."""
    return right_answers(answers, targets).astype(float)


def right_answers(answers: Answers, targets: np.ndarray) -> np.ndarray:
    """(n,) whether each answer is the label; one that is not a number is never right."""
    return (answers.predicted == targets) & np.isfinite(answers.confidence)


ACCURACY = Metric(
    "accuracy", "accuracy", "classification", accuracy_scores, scale=100.0, unit="points", decimals=2,
    of_class=restricted(accuracy_scores),
)  # fmt: skip
