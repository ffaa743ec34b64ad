"""How many labels are wrong: estimated from models that had not seen them, and said no surer than it is.

    at least  = what stays level however sure the models are        (`noise_floor`)
    at most   = off-diagonal mass of confident learning's joint     (`confident_learning`, `noise_interval`)

Where the models' own errors may explain every dispute, no number is said but the highest.

Source: Northcutt, Jiang and Chuang 2021 (arXiv:1911.00068), section 3.1; Wichmann and Hill 2001, Perception &
Psychophysics 63, 1293-1313.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int

from assay.audit.labels.confident_learning import NoiseEstimate, class_thresholds, confident_joint, likely_classes
from assay.audit.labels.noise_floor import noise_floor
from assay.audit.labels.noise_interval import noise_interval
from assay.audit.labels.transition import Transition, estimate_transition

SOURCE = (
    "Northcutt, Jiang and Chuang 2021, Confident Learning (arXiv:1911.00068); Wichmann and Hill 2001, Perception & "
    "Psychophysics 63, 1293-1313"
)
HOW = (
    "At most: by confident learning, which counts what the models mix up, too. At least: what stays level however sure "
    "the models are, which wrong labels on hard examples do not."
)


def estimate_noise(
    pool: Float[np.ndarray, "n classes"],
    labels: Int[np.ndarray, " n"],
    choices: Int[np.ndarray, "n members"],
    transition: Transition | None = None,
) -> NoiseEstimate:
    """Both limits, and what lies between them.

    Args:
        pool: what the members say together.
        choices: the class each member holds for likeliest.
        transition: of the same pool and labels, where it was estimated already.
    """
    thresholds = class_thresholds(pool, labels)
    joint, transition = confident_joint(pool, labels, thresholds), transition or estimate_transition(pool, labels)
    share = float(np.clip(1 - joint.diagonal().sum(), 0, 1))
    interval = noise_interval(labels, likely_classes(pool, thresholds))
    floor = noise_floor(pool, labels, choices)
    return NoiseEstimate(share, transition.share, len(labels), joint, thresholds, interval, floor)


def say_noise(estimate: NoiseEstimate, agree: float) -> str:
    """A number only where the models' own errors do not explain every dispute.

    Args:
        agree: share of labels that the models, on average, agree with.
    """
    low, high = estimate.between
    if round(high, 3) == 0:
        models = f"the models agree with {agree:.1%} of them"
        return f"None of {estimate.n:,} labels looks wrong by confident learning; {models}"
    if estimate.has_least:
        return f"{low:.1%} to {high:.1%} of {estimate.n:,} labels look wrong"
    return (f"How many of {estimate.n:,} labels are wrong cannot be told, from none to {high:.1%}: the models agree "
            f"with {agree:.1%} of the labels, and their own errors may explain every dispute")  # fmt: skip
