"""All splits as one: labels are judged wherever they lie, and every example helps to judge the others."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from assay.data.data import Data
from assay.data.split import LazyInputs, Split, WithDigest

NAMES = ("train", "validation", "test")


@dataclass(frozen=True, eq=False)
class Chained:
    """Lazy inputs, one after the other."""

    parts: tuple[LazyInputs | Tensor, ...]

    def __len__(self) -> int:
        return sum(map(len, self.parts))

    def __getitem__(self, index: int) -> Tensor:
        starts = self._starts
        part = bisect_right(starts, index) - 1
        return self.parts[part][index - starts[part]]

    def select(self, indices: Sequence[int]) -> Chained:
        """The examples at these places, in that order; each is a part of its own, as they may lie anywhere."""
        return Chosen((self,), tuple(indices))

    def digest(self) -> bytes:
        """Of what the parts hold."""
        whole = hashlib.blake2b(digest_size=16)
        for part in self.parts:
            whole.update(part.digest() if isinstance(part, WithDigest) else repr(len(part)).encode())
        return whole.digest()

    @property
    def _starts(self) -> list[int]:
        return np.cumsum([0, *map(len, self.parts[:-1])]).tolist()


@dataclass(frozen=True, eq=False)
class Chosen(Chained):
    """Some of chained inputs."""

    indices: tuple[int, ...] = ()

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, index: int) -> Tensor:
        return self.parts[0][self.indices[index]]

    def select(self, indices: Sequence[int]) -> Chained:
        return Chosen(self.parts, tuple(self.indices[index] for index in indices))

    def digest(self) -> bytes:
        return hashlib.blake2b(super().digest() + repr(self.indices).encode(), digest_size=16).digest()


def join_splits(data: Data) -> tuple[Split, np.ndarray]:
    """One split of all examples, and the name of the split that each is from."""
    parts = {name: getattr(data, name) for name in NAMES if len(getattr(data, name))}
    splits: list[Split] = list(parts.values())
    tensors = [split.inputs for split in splits if isinstance(split.inputs, Tensor)]
    lazy = Chained(tuple(split.inputs for split in splits))
    whole = Split(
        torch.cat(tensors) if len(tensors) == len(splits) else lazy,
        torch.cat([split.targets for split in splits]),
        tuple(id for split in splits for id in split.ids),
    )
    return whole, np.repeat(list(parts), [len(split) for split in splits])
