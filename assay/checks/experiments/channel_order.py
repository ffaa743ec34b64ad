"""Do channels of pictures agree between two samples in another order, and disagree in their own?

    z = |mean_a - mean_b| / sqrt(var_a / n + var_b / m), the examples' means and deviations of each channel

BGR beside RGB is the usual case: the largest z of its own order is far beyond chance, and within it in another.

Source: Rabanser et al. 2019, Failing Loudly (one test a dimension).
"""

from __future__ import annotations

import itertools

from torch import Tensor

OTHER_ORDER, OWN_ORDER = 3.0, 9.0  # z that still agrees, z that cannot be chance


def channel_means(inputs: Tensor) -> Tensor:
    """(examples, channels): the mean of each picture's or signal's channel, or the columns of a table."""
    return inputs.flatten(2).mean(2) if inputs.dim() > 2 else inputs


def swapped_channels(train: Tensor, validation: Tensor) -> tuple[int, ...] | None:
    """The order in which three channels of validation agree with training, where their own order does not."""
    if train.dim() != 4 or train.shape[1] != 3 or validation.shape[1] != 3:
        return None
    sides = channel_means(train), channel_means(validation)
    spreads = train.flatten(2).std(2), validation.flatten(2).std(2)

    def disagreement(order: tuple[int, ...]) -> float:
        return max(mean_gap(a, b[:, list(order)]) for a, b in (sides, spreads))

    if disagreement((0, 1, 2)) < OWN_ORDER:
        return None
    best = min(itertools.permutations(range(3)), key=disagreement)
    return best if disagreement(best) < OTHER_ORDER else None


def mean_gap(first: Tensor, second: Tensor) -> float:
    """Largest z of the columns' means."""
    variance = first.double().var(0) / len(first) + second.double().var(0) / len(second)
    gaps = (first.double().mean(0) - second.double().mean(0)).abs() / variance.sqrt().clamp(min=1e-12)
    return float(gaps.max())
