"""Random start: examples in their stored order, from a random one on: runs and workers do not march in step.

    order = (start + 0, start + 1, ..., start + n - 1) mod n,  start ~ U{0, ..., share * n - 1}

Caffe's `rand_skip`, which it has deprecated, in today's form: the start depends on the seed, so workers with
different seeds start apart. It is drawn anew for every epoch, or the same examples would always fall into the
last, smaller batch that is dropped.

Source: `rand_skip` in caffe.proto: each client skips rand_skip * U(0, 1) records at the start.
Measured: no figure read by us isolates it.
Hurts: data stored by class, time or source, whose batches then are of one kind; a shuffled order is better wherever
reading in order is not needed.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from assay.randomness import generator_for
from assay.recipe import Recipe
from assay.tricks.arguments import require_range


@dataclass(frozen=True)
class RandomStart:
    """Read in stored order from a random start. share: of the examples that may be skipped; 0 starts at the first."""

    share: float = 1.0

    def __post_init__(self) -> None:
        require_range("share", self.share, 0.0, 1.0, usual="1 may start anywhere, and 0 always at the first example")

    def __call__(self, recipe: Recipe) -> Recipe:
        return recipe.fill(self, sampler=self.order)

    def order(self, targets: Tensor, seed: int, epoch: int) -> Tensor:
        """The sampler: all examples once, in stored order around the start."""
        n = len(targets)
        places = max(1, round(self.share * n))
        start = int(torch.randint(0, places, (), generator=generator_for(seed, "random start", epoch)))
        return (start + torch.arange(n)) % n
