"""How far the mean errors of a curve may be off, and curves that might as well have been measured.

A seed moves the whole of its curve and each of its points:  error[i, k] / mean[i] - 1 = level[k] + point[i, k].
Few seeds tell little of either spread, so both are drawn as Student's t says, not as normal errors.

Source: two-way layout without replicates, Scheffe 1959, The Analysis of Variance, chapter 4.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float


@dataclass(frozen=True)
class Noise:
    """Variances of a mean over seeds, as shares of the error squared, and the freedom of each estimate."""

    level: float
    level_freedom: int
    point: float
    point_freedom: int


def noise_of(errors: Float[np.ndarray, "sizes seeds"]) -> Noise:
    """What the scatter between paired seeds says of the means' own noise."""
    sizes, seeds = errors.shape
    relative = errors / errors.mean(1, keepdims=True) - 1.0
    levels = relative.mean(0)
    points = relative - levels
    freedom = (sizes - 1) * (seeds - 1)
    return Noise(
        level=float((levels**2).sum() / (seeds - 1) / seeds),
        level_freedom=seeds - 1,
        point=float((points**2).sum() / freedom / seeds),
        point_freedom=freedom,
    )


def resample_means(
    means: Float[np.ndarray, " sizes"], noise: Noise, resamples: int, generator: np.random.Generator
) -> Float[np.ndarray, "resamples sizes"]:
    """Means as other seeds might have given them: a common shift and one of each point's own."""
    shift = np.sqrt(noise.level) * generator.standard_t(noise.level_freedom, size=(resamples, 1))
    normal = generator.standard_normal((resamples, len(means)))
    apart = normal - normal.mean(1, keepdims=True)
    scale = np.sqrt(noise.point * noise.point_freedom / generator.chisquare(noise.point_freedom, size=(resamples, 1)))
    # An error stays above 0, however far a t variable of two degrees of freedom strays.
    return means * np.maximum(1.0 + shift + scale * apart, 0.01)
