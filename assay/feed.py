"""The feed: what the network sees, in which order, after which edits.

    order -> raw inputs -> input edits -> normalisation -> target edits -> batch edits

Every random choice is a function of seed, slot and step, so the feed can start at any step and no
number of loader workers changes it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby

import torch
import torch.nn.functional as F
from torch import Tensor

from assay.data.loader import order_for_epoch, raw_batches
from assay.data.specification import Specification
from assay.data.split import Split
from assay.loop import Batch
from assay.randomness import generator_for
from assay.recipe import Recipe
from assay.schedule import Clock


@dataclass(frozen=True, eq=False)
class Feed:
    """Training batches of one split under one recipe.

    The last, smaller batch of an epoch is dropped; each epoch has its own order, so every example
    takes its turn. workers: processes that decode inputs which are not in memory.
    """

    recipe: Recipe
    split: Split
    specification: Specification
    seed: int
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    workers: int = 0

    @property
    def batch_size(self) -> int:
        return min(self.recipe.batch_size, len(self.split))

    @property
    def steps_per_epoch(self) -> int:
        return len(self.split) // self.batch_size

    def batches(self, steps: range, total_steps: int) -> Iterator[Batch]:
        """One edited batch for each step number."""
        targets = training_targets(self.split.targets, self.specification)
        raw = raw_batches(self.split, self.indices(steps), workers=self.workers)
        for step, chosen, inputs in zip(steps, self.indices(steps), raw, strict=True):
            clock = Clock(step, total_steps, self.steps_per_epoch)
            yield self._edit(inputs.to(self.device), targets[chosen].to(self.device), chosen, clock)

    def indices(self, steps: range) -> Iterator[Tensor]:
        """(batch,) which examples each step sees."""
        for epoch, numbers in groupby(steps, key=lambda step: step // self.steps_per_epoch):
            order = order_for_epoch(len(self.split), self.seed, epoch)
            for number in numbers:
                start = (number - epoch * self.steps_per_epoch) * self.batch_size
                yield order[start : start + self.batch_size]

    def _edit(self, inputs: Tensor, targets: Tensor, indices: Tensor, clock: Clock) -> Batch:
        recipe = self.recipe
        for position, edit in enumerate(recipe.input_edits):
            inputs = edit(inputs, indices, generator_for(self.seed, "input_edit", position, clock.step), clock)
        inputs = self.specification.normalization(inputs)
        if recipe.target_edits or recipe.batch_edits:
            targets = as_distributions(targets, self.specification)
        for edit in recipe.target_edits:
            targets = edit(targets)
        for position, edit in enumerate(recipe.batch_edits):
            generator = generator_for(self.seed, "batch_edit", position, clock.step)
            inputs, targets = edit(inputs, targets, generator, clock)
        return Batch(inputs, targets)


def training_targets(targets: Tensor, specification: Specification) -> Tensor:
    """Class indices as they are; regression targets standardised, as a (n, 1) column."""
    if specification.task == "classification":
        return targets
    return ((targets - specification.target_mean) / specification.target_std).unsqueeze(1)


def as_distributions(targets: Tensor, specification: Specification) -> Tensor:
    """(batch, classes) one-hot rows for class indices; regression columns unchanged."""
    if specification.task == "regression":
        return targets
    return F.one_hot(targets, specification.num_outputs).to(torch.float32)


@dataclass(frozen=True, eq=False)
class EpochLoader:
    """One epoch of a feed as an ordinary loader: iterates anew, the same each time."""

    feed: Feed

    def __len__(self) -> int:
        return self.feed.steps_per_epoch

    def __iter__(self) -> Iterator[Batch]:
        steps = self.feed.steps_per_epoch
        return self.feed.batches(range(steps), steps)
