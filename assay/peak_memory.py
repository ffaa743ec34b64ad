"""The most memory that was in use at once while a block ran.

On a GPU the allocator's own peak. On a CPU the bytes of all tensors made inside the block that are alive at once,
weights, gradients, state and activations, by watching every operation; what kernels allocate inside themselves is not
seen, nor Python, nor what was there before.
"""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


@dataclass
class Peak:
    """Known when its block has ended."""

    bytes: int = 0


@contextmanager
def watch_peak(device: torch.device) -> Iterator[Peak]:
    """Measure the peak of a block.

    Raises:
        torch.cuda.OutOfMemoryError: the block's own, unchanged.
    """
    peak = Peak()
    gc.collect()
    if device.type == "cpu":
        with LivingTensors() as living:
            yield peak
        peak.bytes = living.peak_bytes
        return
    # Before anything has used the GPU its allocator refuses to be asked.
    torch.cuda.init()
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats(device)
    yield peak
    peak.bytes = torch.cuda.max_memory_allocated(device)


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
