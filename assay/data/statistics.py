"""Normalisation statistics of a training split, exact and in chunks."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from assay.data.specification import Normalization
from assay.data.split import Split
from assay.randomness import generator_for

CHUNK = 256
LAZY_SAMPLE = 5000
"""Examples that are decoded for the statistics of inputs too large for memory."""


def normalization_of(split: Split, *, seed: int = 0) -> Normalization:
    """Mean and deviation per channel or column.

    Each chunk is merged into the running moments (Chan, Golub and LeVeque 1979), so nothing larger
    than a chunk is ever held as floats and a large offset costs no precision. A constant column
    gets deviation 1: it becomes 0 and stays harmless.

    Args:
        seed: chooses the 5,000 examples that stand for lazy inputs.
    """
    count, mean, squares = 0, torch.zeros(()), torch.zeros(())
    for chunk in _chunks(split, seed):
        values = chunk.transpose(0, 1).flatten(1).to(torch.float64)
        size, chunk_mean = values.shape[1], values.mean(1)
        chunk_squares = (values - chunk_mean[:, None]).square().sum(1)
        if count == 0:
            count, mean, squares = size, chunk_mean, chunk_squares
            continue
        shift, total = chunk_mean - mean, count + size
        mean = mean + shift * (size / total)
        squares = squares + chunk_squares + shift.square() * (count * size / total)
        count = total
    deviation = (squares / count).sqrt()
    # Rounding leaves a constant column of large values with a deviation that is tiny but not zero.
    constant = deviation <= 1e-12 * mean.abs().clamp(min=1e-12)
    return Normalization(tuple(mean.tolist()), tuple(torch.where(constant, 1.0, deviation).tolist()))


def _chunks(split: Split, seed: int) -> Iterator[Tensor]:
    if split.in_memory:
        assert isinstance(split.inputs, Tensor)
        yield from split.inputs.split(CHUNK)
        return
    order = torch.randperm(len(split), generator=generator_for(seed, "statistics"))
    # In order and in the same chunks as in memory: then the sums round alike, and a memory limit
    # that makes the inputs lazy changes no weight.
    for indices in order[:LAZY_SAMPLE].sort().values.split(CHUNK):
        yield split.gather(indices)
