"""Histograms of magnitudes: how many of a tensor's values lie in each part of a decade, and how many are exactly 0.

Bins are the same for every tensor, so layers and moments can be compared and added.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from assay.figure import Lines, Series

LOWEST, HIGHEST, BINS_A_DECADE = -12, 6, 2
BINS = (HIGHEST - LOWEST) * BINS_A_DECADE


@dataclass(frozen=True)
class Magnitudes:
    """Shares of a tensor's finite values, by size.

    shares: of each bin of log10 |value| from -12 to 6, two a decade; values beyond are in the end bins.
    zeros: share of exact zeros, in no bin. broken: share of NaN and infinite ones, of all values.
    """

    shares: tuple[float, ...]
    zeros: float
    broken: float


def measure_magnitudes(values: Tensor) -> Magnitudes:
    """The histogram of one tensor; an empty one has no shares at all."""
    flat = values.detach().abs().flatten().float()
    finite = flat[torch.isfinite(flat)]
    count = max(len(finite), 1)
    sizes = finite[finite > 0].log10().clamp(LOWEST, HIGHEST)
    shares = torch.histc(sizes, BINS, LOWEST, HIGHEST) / count
    zeros = float((finite == 0).sum()) / count
    return Magnitudes(tuple(shares.tolist()), zeros, (len(flat) - len(finite)) / max(len(flat), 1))


def draw_magnitudes(title: str, quantity: str, layers: Sequence[tuple[str, Magnitudes]], *, most: int = 8) -> Lines:
    """One curve a layer; of many layers, `most` evenly spaced ones with the first and the last."""
    centres = tuple(LOWEST + (index + 0.5) / BINS_A_DECADE for index in range(BINS))
    last = len(layers) - 1
    chosen = sorted({round(last * index / max(most - 1, 1)) for index in range(most)}) if layers else []
    used = [i for i in range(BINS) if any(layers[row][1].shares[i] > 0 for row in chosen)]
    first, end = (max(used[0] - 1, 0), used[-1] + 2) if used else (0, BINS)
    series = tuple(Series(layers[row][0], centres[first:end], layers[row][1].shares[first:end]) for row in chosen)
    return Lines(title, f"log10 of the {quantity}", "share of values", series)
