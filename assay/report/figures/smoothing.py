"""A surface through scattered scores: means weighted by nearness, and nothing where no trial is near.

    score(x, y) = sum_i w_i score_i / sum_i w_i,   w_i = exp(-d_i² / 2)
    d_i = distance in bandwidths, bandwidth = n^(-1/6) times the standard deviation along each axis

Source: Nadaraya 1964 and Watson 1964; the bandwidth is Scott's rule for two dimensions (Scott 1992, section 6.3).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

FEWEST_POINTS = 10
CELLS = 40
REACH = 1.0
"""In bandwidths: farther than this from every trial the surface is blank."""


@dataclass(frozen=True)
class SmoothSurface:
    """rows of values, None where no trial is near; x and y: middles of the cells. bandwidths: along x and y."""

    x: tuple[float, ...]
    y: tuple[float, ...]
    values: tuple[tuple[float | None, ...], ...]
    bandwidths: tuple[float, float]


def smooth(
    x: Sequence[float], y: Sequence[float], scores: Sequence[float], spans: tuple[tuple[float, float], ...]
) -> SmoothSurface | None:
    """On a grid over the spans (low, high) of x and y; None of fewer than ten trials, or if all lie on a line."""
    # Imported here: the page shows its first answer before anything heavy is there.
    import numpy as np

    points, heights = np.column_stack([x, y]).astype(float).reshape(-1, 2), np.asarray(scores, float)
    if len(points) < FEWEST_POINTS:
        return None
    widths = points.std(axis=0, ddof=1) * len(points) ** (-1 / 6)
    if not (widths > 0).all():
        return None
    across, down = (low + (high - low) * (np.arange(CELLS) + 0.5) / CELLS for low, high in spans)
    cells = np.stack(np.meshgrid(across, down), axis=-1)
    squares = (((cells[:, :, None] - points) / widths) ** 2).sum(axis=-1)
    weights = np.exp(-squares / 2)
    total = np.maximum(weights.sum(axis=-1), np.finfo(float).tiny)
    values = (weights * heights).sum(axis=-1) / total
    near = squares.min(axis=-1) <= REACH**2
    rows = tuple(
        tuple(float(value) if shown else None for value, shown in zip(*row, strict=True))
        for row in zip(values, near, strict=True)
    )
    return SmoothSurface(tuple(map(float, across)), tuple(map(float, down)), rows, (float(widths[0]), float(widths[1])))
