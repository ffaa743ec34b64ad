"""What convention inputs keep (0..255, 0..1, -1..1, normalised), and whether one sample is another at another scale.

    rescaled: in most channels (q_a - mean q_a) / std q_a ~ (q_b - mean q_b) / std q_b, q quantiles, at unlike std

Source: Rabanser et al. 2019, Failing Loudly.
"""

from __future__ import annotations

import torch
from torch import Tensor

MOST_VALUES = 20_000
SCALED, SAME_SHAPE = 1.5, 0.06  # ratio of spreads; mean gap of standardised quantiles, and what sampling adds
LEVELS = tuple(0.05 + step / 200 for step in range(181))  # few would be misled by values of few kinds, which jump


def input_range(inputs: Tensor) -> str | None:
    """The convention that these values keep, by which a forgotten step is known."""
    low, high = float(inputs.min()), float(inputs.max())
    means, deviations = channel_statistics(inputs)
    if bool((means.abs() < 0.3).all()) and bool(((deviations > 0.6) & (deviations < 1.5)).all()):
        return "normalised"
    if low >= 0.0 and 127.0 < high <= 255.0:
        return "0..255"
    if 0.0 <= low < 0.1 and 0.8 < high <= 1.0:
        return "0..1"
    if -1.0 <= low < -0.8 and 0.8 < high <= 1.0:
        return "-1..1"
    return "columns of their own scales" if inputs.dim() == 2 and _has_own_scales(means, deviations) else None


def channel_statistics(inputs: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and deviation of each channel or column, over examples and places; constant ones are left out."""
    columns = inputs.flatten(2).movedim(1, 0).flatten(1) if inputs.dim() > 2 else inputs.t()
    means, deviations = columns.double().mean(1), columns.double().std(1, correction=0)
    varied = deviations > 1e-6 * deviations.max()
    return means[varied], deviations[varied]


def _has_own_scales(means: Tensor, deviations: Tensor) -> bool:
    """Raw columns: scales differ, or values lie off zero; a contrast made stronger on purpose does neither."""
    if len(means) < 3 or float(((deviations > SCALED) | (deviations < 1 / SCALED)).double().mean()) < 0.75:
        return False
    off_zero = float((means.abs() > deviations).double().mean()) >= 0.75
    return off_zero or float(deviations.max() / deviations.min()) > 2 * SCALED


def is_rescaled(train: Tensor, validation: Tensor) -> bool:
    """Whether each channel's quantiles are straight lines of the other side's, at another scale."""
    columns = [_channel_columns(side) for side in (train, validation)]
    if len(columns[0]) != len(columns[1]):
        return False
    scaled, alike = 0, 0
    for first, second in zip(*columns, strict=True):
        levels = torch.tensor(LEVELS, dtype=torch.float64)
        a, b = (torch.quantile(values.double(), levels) for values in (first, second))
        spread_a, spread_b = float(a.std()), float(b.std())
        if min(spread_a, spread_b) < 1e-9:
            continue
        gaps = ((a - a.mean()) / spread_a - (b - b.mean()) / spread_b).abs()
        alike += float(gaps.mean()) < max(SAME_SHAPE, 2 / min(len(train), len(validation)) ** 0.5)
        scaled += max(spread_a / spread_b, spread_b / spread_a) > SCALED
    return scaled > 0 and scaled >= 0.75 * len(columns[0]) and alike >= 0.75 * len(columns[0])


def _channel_columns(inputs: Tensor) -> list[Tensor]:
    columns = inputs.flatten(2).movedim(1, 0).flatten(1) if inputs.dim() > 2 else inputs.t()
    return [drawn(column, MOST_VALUES) for column in columns[:64]]


def drawn(values: Tensor, most: int) -> Tensor:
    """At most so many of the values, drawn at random: every n-th would be the same few pixels of each picture."""
    if len(values) <= most:
        return values
    return values[torch.randint(len(values), (most,), generator=torch.Generator().manual_seed(0))]
