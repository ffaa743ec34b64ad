"""R squared: the share of the targets' variance that predictions explain.

score_i = 1 - n (predicted_i - target_i)^2 / sum_j (target_j - mean)^2

Intervals hold the targets' variance fixed: they tell of validation samples that spread as this one does. The luck of
drawing the few examples that spread most is not in them.

Source: Kvalseth 1985, Cautionary Note about R2 (The American Statistician 39:279), the form that is advised there.
"""

from __future__ import annotations

import numpy as np

from assay.ablation.metrics.metric import Metric
from assay.evaluation import SMALLEST_SPREAD
from assay.trial import Answers


def r2_scores(answers: Answers, targets: np.ndarray) -> np.ndarray:
    """(n,) scores whose mean is R squared."""
    known = targets.astype(float)
    spread = max(float(np.square(known - known.mean()).sum()), SMALLEST_SPREAD)
    return 1.0 - np.square(answers.predicted.astype(float) - known) * len(known) / spread


R2 = Metric("r2", "R squared", "regression", r2_scores, unit="r2")
