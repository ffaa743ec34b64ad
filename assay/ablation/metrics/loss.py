"""Validation loss: mean cross-entropy, or mean squared error in standardised units. Lower is better.

    score_i = loss of example i

It moves before accuracy does, and tells networks apart that are right on the same examples.

Source: Gneiting and Raftery 2007, Strictly Proper Scoring Rules, Prediction, and Estimation: the logarithmic score.
"""

from __future__ import annotations

import numpy as np

from assay.ablation.metrics.metric import Metric, restricted
from assay.trial import Answers


def loss_scores(answers: Answers, targets: np.ndarray) -> np.ndarray:
    """(n,) what each example costs."""
    return answers.losses.astype(float)


LOSS = Metric("loss", "validation loss", "any", loss_scores, higher_is_better=False, unit="loss",
              of_class=restricted(loss_scores))  # fmt: skip
