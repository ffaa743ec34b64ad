"""The error with more data, as a band: over the laws that fit what was measured, and over resampled measurements.

A law is left out where its misfit is too large to be noise (F test at the 1 % level); where no law fits, the
noise is taken to be as large as the best one's misfit, so that the band grows and is never empty. Each law that
is left has the same say: the band holds the middle `confidence` of all their resampled predictions.

Source: Viering and Loog 2023 (arXiv:2103.10948), section 4: no law fits every curve, and extrapolation is unsure.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float
from scipy.stats import f as f_distribution

from assay.audit.learning_curve.curve import Curve
from assay.audit.learning_curve.fit import fit_law
from assay.audit.learning_curve.laws import LAWS, Law
from assay.audit.learning_curve.noise import Noise, noise_of, resample_means
from assay.randomness import derive_seed

FARTHEST = 10.0
"""Times the largest measured size; beyond it the laws' differences are larger than anything measured."""
MISFIT_LEVEL = 0.01
USUAL_RESAMPLES = 400


@dataclass(frozen=True)
class Prediction:
    """The band at `size` examples, and what it was made of.

    now: the measured mean error at the largest size, `measured` examples.
    by_law: the prediction of each law from the measured means; those in `kept` make the band.
    """

    size: int
    low: float
    middle: float
    high: float
    confidence: float
    measured: int
    now: float
    by_law: dict[str, float]
    kept: tuple[str, ...]


def predict_error(
    curve: Curve, size: int, *, confidence: float = 0.95, resamples: int = USUAL_RESAMPLES, seed: int = 0
) -> Prediction:
    """Where the mean error over seeds will lie at `size` examples of the same kind, on the same held-out ones.

    Raises:
        ValueError: the size is not in 1..10 times the largest measured, an error is 0 on average, or confidence
            or resamples are outside their ranges.
    """
    _check_request(curve, size, confidence, resamples)
    by_law, draws = sample_predictions(curve, (size,), resamples=resamples, seed=seed)
    low, middle, high = band_of(np.concatenate([rows[:, 0] for rows in draws.values()]), confidence)
    return Prediction(size, low, middle, high, confidence, curve.largest, float(curve.means[-1]),
                      {name: values[0] for name, values in by_law.items()}, tuple(draws))  # fmt: skip


def sample_predictions(
    curve: Curve, sizes: tuple[int, ...], *, resamples: int = USUAL_RESAMPLES, seed: int = 0
) -> tuple[dict[str, tuple[float, ...]], dict[str, Float[np.ndarray, "resamples sizes"]]]:
    """What each law says from the means, and what each law that fits says from resampled means, at each size."""
    at, means = np.array(curve.sizes, dtype=float), curve.means
    weights = 1.0 / means**2
    fits = {law.name: fit_law(law, at, means[None], weights) for law in LAWS}
    noise = _honest_noise(noise_of(curve.errors), {law: float(fits[law.name].residual[0]) for law in LAWS}, len(at))
    generator = np.random.default_rng(derive_seed(seed, "learning curve", len(at), curve.errors.shape[1]))
    drawn = resample_means(means, noise, resamples, generator)
    kept = [law for law in LAWS if _fits(law, float(fits[law.name].residual[0]), noise, len(at))]
    draws = {}
    for law in kept:
        fit = fit_law(law, at, drawn, weights)
        draws[law.name] = np.stack([fit.at(size) for size in sizes], axis=1)
    return {name: tuple(float(fit.at(size)[0]) for size in sizes) for name, fit in fits.items()}, draws


def band_of(draws: Float[np.ndarray, " n"], confidence: float) -> tuple[float, float, float]:
    """Low, middle and high: the quantiles that hold the middle `confidence` of the draws, and their median."""
    tail = (1.0 - confidence) / 2
    low, middle, high = np.quantile(draws, [tail, 0.5, 1.0 - tail]).tolist()
    return low, middle, high


def _honest_noise(noise: Noise, residuals: dict[Law, float], sizes: int) -> Noise:
    """The seeds' noise, or the misfit of the best law where that is larger: no law is exactly true."""
    misfit, freedom = min((residual / (sizes - law.parameters), sizes - law.parameters)
                          for law, residual in residuals.items())  # fmt: skip
    return replace(noise, point=misfit, point_freedom=freedom) if misfit > noise.point else noise


def _fits(law: Law, residual: float, noise: Noise, sizes: int) -> bool:
    freedom = sizes - law.parameters
    limit = float(f_distribution.ppf(1.0 - MISFIT_LEVEL, freedom, noise.point_freedom))
    # A curve without noise is fitted to within the grid of shapes, no closer.
    return residual / freedom <= max(limit * noise.point, 1e-12)


def _check_request(curve: Curve, size: int, confidence: float, resamples: int) -> None:
    if not 1 <= size <= FARTHEST * curve.largest:
        raise ValueError(
            f"size must be in 1..{FARTHEST * curve.largest:g} ({FARTHEST:g} times the largest measured), got {size}; "
            "measure larger subsets first"
        )
    if not 0.0 < confidence < 1.0:
        raise ValueError(f"confidence must be in (0, 1), got {confidence}; the usual value is 0.95")
    if resamples < 50:
        raise ValueError(f"resamples must be at least 50, got {resamples}; the usual value is {USUAL_RESAMPLES}")
    if not (curve.means > 0).all():
        size = curve.sizes[int((curve.means <= 0).argmax())]
        raise ValueError(f"errors must be above 0 on average, got 0 at size {size}; judge on more held-out examples")
