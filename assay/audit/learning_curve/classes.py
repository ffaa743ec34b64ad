"""Which class gains most from more examples: a curve of its own for each class, and the fall each one promises.

    gain = error now - error at `size`, both by the same law through the same resampled measurements

Classes are compared draw by draw, so that a gain is named the largest only as surely as the curves say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from assay.audit.learning_curve.curve import Curve
from assay.audit.learning_curve.prediction import band_of, sample_predictions
from assay.randomness import derive_seed

USUAL_RESAMPLES = 200
MOST_CLASSES = 50


@dataclass(frozen=True)
class ClassGain:
    """What `size` examples in all would take from one class's error, as a band.

    sure: the share of draws in which this class gains most of all.
    """

    name: str
    now: float
    low: float
    middle: float
    high: float
    sure: float


def class_gains(
    curve: Curve, size: int, *, classes: Sequence[str], confidence: float = 0.95, seed: int = 0
) -> tuple[ClassGain, ...]:
    """The gain of each class if all classes grow alike, the largest first.

    Of more than 50 classes those with the highest error now. Left out are classes without held-out examples and
    those that some size answers without error under every seed: nothing falls there.

    Raises:
        ValueError: the curve has no errors by class, their number is not that of the names, or size is not above
            the largest measured.
    """
    if curve.class_errors is None:
        raise ValueError("class_errors must be given with the curve; let train return (error, errors of each class)")
    if curve.class_errors.shape[2] != len(classes):
        raise ValueError(f"classes must be {curve.class_errors.shape[2]} names, got {len(classes)}")
    if size <= curve.largest:
        raise ValueError(f"size must be above {curve.largest}, the largest measured, got {size}")
    chosen = _chosen(curve.class_errors)
    if not chosen:
        return ()
    draws = np.stack([_gain_draws(curve, size, index, seed) for index in chosen])
    best = np.bincount(draws.argmax(0), minlength=len(chosen)) / draws.shape[1]
    gains = [
        ClassGain(
            classes[index], float(curve.class_errors[-1, :, index].mean()), *band_of(rows, confidence), float(sure)
        )
        for index, rows, sure in zip(chosen, draws, best, strict=True)
    ]
    return tuple(sorted(gains, key=lambda gain: -gain.middle))


def _chosen(errors: Float[np.ndarray, "sizes seeds classes"]) -> list[int]:
    known = np.isfinite(errors).all((0, 1))
    falling = [index for index in np.flatnonzero(known).tolist() if (errors[:, :, index].mean(1) > 0).all()]
    return sorted(falling, key=lambda index: -errors[-1, :, index].mean())[:MOST_CLASSES]


def _gain_draws(curve: Curve, size: int, index: int, seed: int) -> Float[np.ndarray, " resamples"]:
    """As many draws for each class, whatever the number of laws that fit it."""
    assert curve.class_errors is not None
    own = Curve(curve.sizes, curve.class_errors[:, :, index])
    stream = derive_seed(seed, "class", index)
    _, draws = sample_predictions(own, (curve.largest, size), resamples=USUAL_RESAMPLES, seed=stream)
    pooled = np.concatenate(list(draws.values()))
    return np.random.default_rng(stream).permutation(pooled[:, 0] - pooled[:, 1])[:USUAL_RESAMPLES]
