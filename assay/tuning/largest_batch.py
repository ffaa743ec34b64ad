"""The largest batch that fits: doubled until a limit of memory is passed, measured on real steps.

Each size trains a fresh network for two steps, since the optimiser's state is there only from the second on.
What is measured is told in `assay.peak_memory`; on a CPU the data set is not seen, so leave some room. The first size
that does not fit ends it: sizes between two powers are not tried.

Source: Goodfellow et al. 2016, section 8.1.3, on sizes that are powers of two; "as large as memory allows" is one of
the Deep Learning book's rules as collected by Macaluso 2018. A larger batch wants another learning rate, see
`LinearScaling` and `SquareRootScaling`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch

from assay.data.data import Data
from assay.device import choose_device
from assay.errors import InputError
from assay.peak_memory import watch_peak
from assay.recipe import Recipe
from assay.training.train import Training

STEPS = 2
"""The optimiser has its state from the second on."""


@dataclass(frozen=True)
class LargestBatch:
    """What fitted, and what every size that was tried took at its peak; None where memory ran out."""

    batch_size: int
    peak_bytes: Mapping[int, int | None]


def find_largest_batch(
    recipe: Recipe,
    data: Data,
    *,
    memory_limit_bytes: int | None = None,
    start: int = 8,
    device: str | torch.device | None = None,
) -> LargestBatch:
    """Double the batch from `start` while it fits, up to the training split.

    Args:
        memory_limit_bytes: what one training may use; on a GPU all there is without it.
    Raises:
        ValueError: start is below 1, or there is no limit to keep to on a CPU.
        InputError: not even `start` fits.
    """
    device = choose_device(device)
    if start < 1:
        raise ValueError(f"start must be at least 1 example, got {start}; the usual value is 8")
    if memory_limit_bytes is None and device.type == "cpu":
        raise ValueError(
            "memory_limit_bytes is needed on a CPU, which swaps before it runs out; give half of its memory"
        )
    peaks: dict[int, int | None] = {}
    largest, size = 0, min(start, len(data.train))
    while size <= len(data.train):
        peaks[size] = peak = measure_peak(recipe, data, batch_size=size, device=device)
        if peak is None or (memory_limit_bytes is not None and peak > memory_limit_bytes):
            break
        largest, size = size, 2 * size
    if not largest:
        raise InputError(
            f"a batch of {size} needs more memory than there is: {peaks[size]} bytes; use a smaller network"
        )
    return LargestBatch(largest, peaks)


def measure_peak(recipe: Recipe, data: Data, *, batch_size: int, device: torch.device) -> int | None:
    """Bytes at the peak of two training steps; None where the GPU ran out of memory."""
    recipe = recipe.change(batch_size=batch_size, epochs=max(float(STEPS), recipe.epochs))
    try:
        with watch_peak(device) as peak:
            _train_briefly(recipe, data, device)
    except torch.cuda.OutOfMemoryError:
        return None
    return peak.bytes


def _train_briefly(recipe: Recipe, data: Data, device: torch.device) -> None:
    for _ in zip(range(STEPS), Training(recipe, data, device=device, evaluations=1), strict=False):
        pass
