"""Macro recall: the mean over classes of the share of their examples that is found. Also called balanced accuracy.

    recall_c = right_c / n_c
    recall   = mean over classes of recall_c
    score_i  = recall + n / (classes n_c) sqrt(n_c / (n_c - 1)) (right_i - recall_c)
                                                                      for example i of class c, right_i 1 or 0

The second part is what the example moves, so that the spread of scores is that of recall; the root makes up for the
recall of a class being known from its own n_c examples alone. A rare class counts as much as a frequent one. Classes
without a validation example are left out; of one example there is no spread, so that each class must have two. Of two
an interval still holds the truth in 89 to 93 % of drawn studies, of three in 93 to 97 %, of five in 95 to 97 %
(`bench_metrics.py --rare`).

Source: Brodersen et al. 2010, The Balanced Accuracy and Its Posterior Distribution; n_c - 1: as of a mean
over strata, Cochran 1977, Sampling Techniques, chapter 5.
"""

from __future__ import annotations

import numpy as np

from assay.ablation.metrics.accuracy import accuracy_scores
from assay.ablation.metrics.metric import Metric, restricted
from assay.trial import Answers


def recall_scores(answers: Answers, targets: np.ndarray) -> np.ndarray:
    """(n,) scores whose mean is the macro recall."""
    _, place, counts = np.unique(targets, return_inverse=True, return_counts=True)
    right = accuracy_scores(answers, targets)
    of_class = np.bincount(place, weights=right) / counts
    moved = len(targets) / (len(counts) * counts) * np.sqrt(counts / np.maximum(counts - 1, 1))
    return of_class.mean() + (right - of_class[place]) * moved[place]


RECALL = Metric("recall", "macro recall", "classification", recall_scores, scale=100.0,
                unit="points of macro recall", decimals=2, of_class=restricted(accuracy_scores),
                averages_classes=True, fewest_of_class=2)  # fmt: skip
