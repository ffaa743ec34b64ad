"""How many labels look wrong to the probe, on examples that it was not trained on: between two estimates.

    clear  = share of labels that differ from the answer, where the probe is surest    right if noise goes by class
    share  = off-diagonal mass of confident learning's joint                           counts the probe's own errors

Where wrong labels sit on hard examples the first is too low; where the probe is weak the second is too high.

Source: Patrini et al. 2017 (arXiv:1609.03683), section 4.2; Northcutt, Jiang and Chuang 2021 (arXiv:1911.00068),
section 3.1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from assay.audit.labels.confident_learning import class_thresholds, confident_joint
from assay.audit.labels.transition import clear_examples, estimate_transition
from assay.intervals import wilson_interval


@dataclass(frozen=True)
class LabelNoise:
    """low: lower 95 % limit of `clear`; high: upper limit of `share`, of n examples."""

    clear: float
    share: float
    low: float
    high: float
    n: int


def estimate_label_noise(probabilities: Float[np.ndarray, "n classes"], labels: Int[np.ndarray, " n"]) -> LabelNoise:
    """Two estimates that mostly have the truth between them; the limits are those of shares of as many examples."""
    joint = confident_joint(probabilities, labels, class_thresholds(probabilities, labels))
    share = float(min(1.0, max(0.0, 1.0 - joint.diagonal().sum())))
    n, certain = len(labels), int(clear_examples(probabilities).sum())
    clear = min(share, estimate_transition(probabilities, labels).share)
    low, high = wilson_interval(round(clear * certain), certain)[0], wilson_interval(round(share * n), n)[1]
    return LabelNoise(clear, share, low, high, n)
