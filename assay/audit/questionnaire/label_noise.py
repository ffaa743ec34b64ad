"""How many labels look wrong to the probe, on examples that it was not trained on.

Source: Northcutt, Jiang and Chuang 2021 (arXiv:1911.00068), section 3.1: the off-diagonal mass of the joint.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from assay.audit.labels.confident_learning import class_thresholds, confident_joint
from assay.intervals import wilson_interval


@dataclass(frozen=True)
class LabelNoise:
    """Share of labels that look wrong, with its 95 % interval over examples."""

    share: float
    low: float
    high: float
    n: int


def estimate_label_noise(probabilities: Float[np.ndarray, "n classes"], labels: Int[np.ndarray, " n"]) -> LabelNoise:
    """Confident learning's estimate; the interval is that of as many among n."""
    joint = confident_joint(probabilities, labels, class_thresholds(probabilities, labels))
    share = float(min(1.0, max(0.0, 1.0 - joint.diagonal().sum())))
    return LabelNoise(share, *wilson_interval(round(share * len(labels)), len(labels)), len(labels))
