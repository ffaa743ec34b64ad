"""The largest batch that fits: doubled until a limit of memory is passed, measured on real steps.

Each size trains a fresh network for two steps, since the optimiser's state is there only from the second on.
What is measured: on a GPU the allocator's own peak, or that it ran out. On a CPU the peak of all tensors alive at
once, weights, gradients, state and activations, by watching every operation; what kernels allocate inside
themselves is not seen, nor Python, nor the data set, so leave some room. The first size that does not fit ends it:
sizes between two powers are not tried.

Source: Goodfellow et al. 2016, section 8.1.3, on sizes that are powers of two; "as large as memory allows" is one of
the Deep Learning book's rules as collected by Macaluso 2018. A larger batch wants another learning rate, see
`LinearScaling` and `SquareRootScaling`.
"""

from __future__ import annotations

import gc
import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from assay.data.data import Data
from assay.device import choose_device
from assay.errors import InputError
from assay.recipe import Recipe
from assay.training import Training

STEPS = 2


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
    gc.collect()
    if device.type == "cpu":
        with LivingTensors() as living:
            _train_briefly(recipe, data, device)
        return living.peak_bytes
    # Before anything has used the GPU its allocator refuses to be asked.
    torch.cuda.init()
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats(device)
    try:
        _train_briefly(recipe, data, device)
    except torch.cuda.OutOfMemoryError:
        return None
    return torch.cuda.max_memory_allocated(device)


def _train_briefly(recipe: Recipe, data: Data, device: torch.device) -> None:
    for _ in zip(range(STEPS), Training(recipe, data, device=device, evaluations=1), strict=False):
        pass


class LivingTensors(TorchDispatchMode):
    """Counts the bytes of all tensors made inside its block that are alive at once."""

    def __init__(self) -> None:
        super().__init__()
        self.bytes = self.peak_bytes = 0
        self._seen: dict[int, int] = {}

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        results = func(*args, **(kwargs or {}))
        for value in tree_leaves(results):
            if isinstance(value, Tensor):
                self._see(value.untyped_storage())
        return results

    def _see(self, storage: torch.UntypedStorage) -> None:
        """Views and changes in place share a storage, which counts once and until it is freed."""
        key = storage.data_ptr()
        if key and key not in self._seen:
            self._seen[key] = storage.nbytes()
            self.bytes += storage.nbytes()
            self.peak_bytes = max(self.peak_bytes, self.bytes)
            weakref.finalize(storage, self._forget, key).atexit = False

    def _forget(self, key: int) -> None:
        self.bytes -= self._seen.pop(key)
