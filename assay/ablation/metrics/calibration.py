"""Expected calibration error: how far confidence is from the share of right answers. Lower is better.

    error = sum over bins of |sum in the bin of (right_i - confidence_i)| / n        15 bins of equal width

Its scores are those of the jackknife. The error of n examples is above that of all examples there could be, more so the
fewer they are; two recipes judged on the same examples share most of that.

Source: Naeini, Cooper and Hauskrecht 2015; with 15 bins: Guo et al. 2017, section 2 (arXiv:1706.04599).
"""

from __future__ import annotations

import numpy as np

from assay.ablation.metrics.accuracy import right_answers
from assay.ablation.metrics.metric import Metric, jackknifed, restricted
from assay.trial import Answers

BINS = 15
"""As Guo et al. 2017 have it."""


def calibration_scores(answers: Answers, targets: np.ndarray) -> np.ndarray:
    """(n,) scores whose mean is the expected calibration error."""
    confidence = np.nan_to_num(answers.confidence.astype(float))
    # A bin is (low, high], so that a confidence of 1 is in the last.
    bins = np.clip(np.ceil(confidence * BINS).astype(int) - 1, 0, BINS - 1)
    gaps = right_answers(answers, targets) - confidence
    sums = np.bincount(bins, weights=gaps, minlength=BINS)
    total, n = np.abs(sums).sum(), len(targets)
    without = total - np.abs(sums[bins]) + np.abs(sums[bins] - gaps)
    return jackknifed(total / n, without / max(1, n - 1))


CALIBRATION = Metric(
    "calibration", "expected calibration error", "classification", calibration_scores, higher_is_better=False,
    scale=100.0, unit="points of calibration error", decimals=2, of_class=restricted(calibration_scores),
)  # fmt: skip
