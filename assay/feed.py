"""The feed: what the network sees, in which order, after which edits.

    order -> raw inputs -> input edits -> normalisation -> target edits -> batch edits

Every random choice is a function of seed, slot and step, so the feed can start at any step and no
number of loader workers changes it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate

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

    def batch_size_in(self, epoch: int) -> int:
        """Examples in each batch of this epoch: a schedule may change it, up to the split's last whole first batch."""
        schedule, epochs = self.recipe.batch_size_schedule, math.ceil(self.recipe.epochs)
        factor = 1.0 if schedule is None else schedule(Clock(min(epoch, epochs), epochs, 1))
        first = max(1, min(self.recipe.batch_size, len(self.split)))
        return max(1, min(round(self.recipe.batch_size * factor), len(self.split) // first * first))

    def steps_in(self, epoch: int) -> int:
        """Batches in this epoch."""
        return len(self.split) // self.batch_size_in(epoch)

    @property
    def steps_per_epoch(self) -> int:
        """Batches in the first epoch, and in every one without a schedule of the batch size."""
        return self.steps_in(0)

    @property
    def total_steps(self) -> int:
        """Steps of the whole training, at least one."""
        if self.recipe.batch_size_schedule is None:
            return max(1, round(self.recipe.epochs * self.steps_per_epoch))
        whole = math.floor(self.recipe.epochs)
        rest = round((self.recipe.epochs - whole) * self.steps_in(whole))
        return max(1, sum(map(self.steps_in, range(whole))) + rest)

    def ends_an_epoch(self, step: int) -> bool:
        """Whether an epoch is over after this many steps."""
        if self.recipe.batch_size_schedule is None:
            return step % self.steps_per_epoch == 0
        return step in self._ends_of_epochs

    @cached_property
    def _ends_of_epochs(self) -> frozenset[int]:
        """Steps after which an epoch is over, where epochs differ in length."""
        return frozenset(accumulate(map(self.steps_in, range(math.ceil(self.recipe.epochs)))))

    def batches(self, steps: range, total_steps: int) -> Iterator[Batch]:
        """One edited batch for each step number."""
        split = self._near
        targets = training_targets(split.targets, self.specification)
        raw = raw_batches(split, self.indices(steps), workers=self.workers)
        for clock, chosen, inputs in zip(self.clocks(steps, total_steps), self.indices(steps), raw, strict=True):
            labels = targets[chosen.to(targets.device, non_blocking=True)]
            # Pageable memory is staged before the call returns, so not waiting is safe, and the device stays busy.
            yield self._edit(
                inputs.to(self.device, non_blocking=True), labels.to(self.device, non_blocking=True), chosen, clock
            )

    @cached_property
    def _near(self) -> Split:
        return self.split.near(self.device)

    def clocks(self, steps: range, total_steps: int) -> Iterator[Clock]:
        """The moment of each step."""
        varies = self.recipe.batch_size_schedule is not None
        step = steps.start
        for epoch, positions in self._epochs(steps):
            for position in positions:
                passes = epoch + position / self.steps_in(epoch) if varies else None
                yield Clock(step, total_steps, self.steps_per_epoch, passes)
                step += 1

    def indices(self, steps: range) -> Iterator[Tensor]:
        """(batch,) which examples each step sees."""
        for epoch, positions in self._epochs(steps):
            order, size = self.order(epoch), self.batch_size_in(epoch)
            for position in positions:
                yield order[position * size : (position + 1) * size]

    def order(self, epoch: int) -> Tensor:
        """(n,) the examples in the order in which this epoch shows them."""
        if self.recipe.sampler is None:
            return order_for_epoch(len(self.split), self.seed, epoch)
        return self.recipe.sampler(self.split.targets, self.seed, epoch)

    def _epochs(self, steps: range) -> Iterator[tuple[int, range]]:
        """Each epoch that holds some of the steps, and their positions in it."""
        epoch, start = 0, 0
        while start < steps.stop:
            end = start + self.steps_in(epoch)
            positions = range(max(steps.start, start) - start, min(steps.stop, end) - start)
            if positions:
                yield epoch, positions
            epoch, start = epoch + 1, end

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
        return min(self.feed.steps_per_epoch, self.feed.total_steps)

    def __iter__(self) -> Iterator[Batch]:
        return self.feed.batches(range(len(self)), self.feed.total_steps)
