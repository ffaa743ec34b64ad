"""A split: examples in order, with labels and names; in memory or decoded on demand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float, Int
from torch import Tensor

NEAR_SHARE = 0.25
"""Of an accelerator's free memory, what a split may take; the rest is for networks and their activations."""


@runtime_checkable
class LazyInputs(Protocol):
    """Inputs that do not fit in memory: decoded one example at a time, by loader workers.

    `__getitem__` must not be random: augmentation happens later, a batch at a time.
    """

    def __len__(self) -> int: ...
    def __getitem__(self, index: int) -> Tensor: ...
    def select(self, indices: Sequence[int]) -> LazyInputs: ...


@runtime_checkable
class WithDigest(Protocol):
    """Lazy inputs that can say what they hold."""

    def digest(self) -> bytes: ...


@dataclass(frozen=True, eq=False)
class Split:
    """Examples of one split.

    inputs: (n, channels, height, width) uint8 images, (n, features) float32 vectors, or lazy.
    targets: (n,) int64 class indices, or (n,) float32 regression targets in their own units.
    ids: where each example comes from (a file, a row), for findings and predictions.
    """

    inputs: Tensor | LazyInputs
    targets: Int[Tensor, " n"] | Float[Tensor, " n"]
    ids: tuple[str, ...]

    def __post_init__(self) -> None:
        if not len(self.inputs) == len(self.targets) == len(self.ids):
            counts = f"{len(self.inputs)} inputs, {len(self.targets)} targets, {len(self.ids)} ids"
            raise ValueError(f"inputs, targets and ids must be of one length, got {counts}")

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def in_memory(self) -> bool:
        return isinstance(self.inputs, Tensor)

    def select(self, indices: Tensor) -> Split:
        """The examples at `indices`, in that order; lazy inputs stay lazy."""
        chosen = indices.tolist()
        inputs = self.inputs[indices] if isinstance(self.inputs, Tensor) else self.inputs.select(chosen)
        return replace(self, inputs=inputs, targets=self.targets[indices], ids=tuple(self.ids[i] for i in chosen))

    def near(self, device: torch.device) -> Split:
        """This split with inputs and targets on the device, if they are in memory and fit beside a network.

        A batch is then gathered where it is used, and nothing waits for a copy.
        """
        if device.type == "cpu" or not isinstance(self.inputs, Tensor):
            return self
        free, _ = torch.cuda.mem_get_info(device)
        if self.inputs.nbytes > NEAR_SHARE * free:
            return self
        return replace(self, inputs=self.inputs.to(device), targets=self.targets.to(device))

    def gather(self, indices: Tensor) -> Tensor:
        """Raw inputs at `indices` as one tensor; decodes them here and now when they are lazy."""
        if isinstance(self.inputs, Tensor):
            return self.inputs[indices]
        return torch.stack([self.inputs[index] for index in indices.tolist()])
