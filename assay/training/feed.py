"""The feed: what the network sees, in which order, after which edits.

    order -> raw inputs -> input edits -> normalisation -> target edits -> batch edits

Every random choice is a function of seed, slot and step, so the feed can start at any step and no
number of loader workers changes it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

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
from assay.timetable import Timetable


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

    @cached_property
    def timetable(self) -> Timetable:
        """Which step is in which epoch."""
        recipe = self.recipe
        return Timetable(recipe.batch_size, recipe.epochs, len(self.split), recipe.batch_size_schedule)

    def batches(self, steps: range, total_steps: int) -> Iterator[Batch]:
        """One edited batch for each step number."""
        split = self._near
        targets = training_targets(split.targets, self.specification)
        raw = raw_batches(split, self.indices(steps), workers=self.workers)
        clocks = self.timetable.clocks(steps, total_steps)
        for clock, chosen, inputs in zip(clocks, self.indices(steps), raw, strict=True):
            labels = targets[chosen.to(targets.device, non_blocking=True)]
            # Pageable memory is staged before the call returns, so not waiting is safe, and the device stays busy.
            yield self._edit(
                inputs.to(self.device, non_blocking=True), labels.to(self.device, non_blocking=True), chosen, clock
            )

    @cached_property
    def _near(self) -> Split:
        return self.split.near(self.device)

    def indices(self, steps: range) -> Iterator[Tensor]:
        """(batch,) which examples each step sees."""
        for epoch, positions in self.timetable.positions(steps):
            order, size = self.order(epoch), self.timetable.batch_size_in(epoch)
            for position in positions:
                yield order[position * size : (position + 1) * size]

    def order(self, epoch: int) -> Tensor:
        """(n,) the examples in the order in which this epoch shows them."""
        if self.recipe.sampler is None:
            return order_for_epoch(len(self.split), self.seed, epoch)
        return self.recipe.sampler(self.split.targets, self.seed, epoch)

    def _edit(self, inputs: Tensor, targets: Tensor, indices: Tensor, clock: Clock) -> Batch:
        recipe = self.recipe
        for position, edit in enumerate(recipe.input_edits):
            inputs = edit(inputs, indices, generator_for(self.seed, "input_edit", position, clock.step), clock)
        inputs = self.specification.normalization(inputs)
        if recipe.target_edits or recipe.batch_edits or recipe.forward:
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
    """The first epoch of a training as an ordinary loader: iterates anew, the same each time."""

    feed: Feed

    def __len__(self) -> int:
        return min(self.feed.timetable.steps_per_epoch, self.feed.timetable.total_steps)

    def __iter__(self) -> Iterator[Batch]:
        return self.feed.batches(range(len(self)), self.feed.timetable.total_steps)
