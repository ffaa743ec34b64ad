"""A fair sample of a split as plain feature rows, small enough for baselines that must be quick."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from assay.data.loader import raw_batches
from assay.data.specification import Specification
from assay.data.split import Split
from assay.randomness import generator_for

CHUNK = 1024
LAZY_CHUNK = 64


@dataclass(frozen=True, eq=False)
class Sample:
    """features: (n, features) normalised as a network would see them, flat; targets: (n,)."""

    features: Float[Tensor, "n features"]
    targets: Tensor

    def __len__(self) -> int:
        return len(self.targets)

    def first(self, n: int) -> Sample:
        """The first n examples: the order is random, so any prefix is a fair sample."""
        return Sample(self.features[:n], self.targets[:n])


def draw_sample(
    split: Split, specification: Specification, *, most: int, seed: int, seconds: float = math.inf
) -> Sample:
    """At most `most` examples in a seeded random order; without replacement.

    Args:
        seconds: inputs that are decoded from files are read no longer than this (one chunk at least).
    Raises:
        ValueError: the split is empty or `most` is below 1.
    """
    if len(split) == 0 or most < 1:
        raise ValueError(f"a sample needs a split with examples and most >= 1, got {len(split)} and most={most}")
    order = torch.randperm(len(split), generator=generator_for(seed, "baseline sample"))[:most]
    chunks = order.split(CHUNK if split.in_memory else LAZY_CHUNK)
    rows, deadline = [], time.monotonic() + seconds
    for raw in raw_batches(split, chunks):
        rows.append(specification.normalization(raw).flatten(1))
        if not split.in_memory and time.monotonic() > deadline:
            break
    features = torch.cat(rows)
    return Sample(features, split.targets[order[: len(features)]])
