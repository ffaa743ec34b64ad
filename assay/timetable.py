"""Which step is in which epoch: of plain numbers alone, so that nothing here reaches the data."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from assay.schedule import Clock, Schedule


@dataclass(frozen=True)
class Timetable:
    """The epochs of a training, whose last, smaller batches are dropped.

    examples: in the training split. batch_size_schedule: of clocks whose steps are epochs; without one, epochs are
    alike.
    """

    batch_size: int
    epochs: float
    examples: int
    batch_size_schedule: Schedule | None = None

    def batch_size_in(self, epoch: int) -> int:
        """Examples in each batch of this epoch: a schedule may change it, up to the split's last whole first batch."""
        schedule, epochs = self.batch_size_schedule, math.ceil(self.epochs)
        factor = 1.0 if schedule is None else schedule(Clock(min(epoch, epochs), epochs, 1))
        first = max(1, min(self.batch_size, self.examples))
        return max(1, min(round(self.batch_size * factor), self.examples // first * first))

    def steps_in(self, epoch: int) -> int:
        """Batches in this epoch."""
        return self.examples // self.batch_size_in(epoch)

    @property
    def steps_per_epoch(self) -> int:
        """Batches in the first epoch, and in every one without a schedule of the batch size."""
        return self.steps_in(0)

    @cached_property
    def total_steps(self) -> int:
        """Steps of the whole training, at least one."""
        if self.batch_size_schedule is None:
            return max(1, round(self.epochs * self.steps_per_epoch))
        whole = math.floor(self.epochs)
        rest = round((self.epochs - whole) * self.steps_in(whole))
        return max(1, sum(map(self.steps_in, range(whole))) + rest)

    def ends_an_epoch(self, step: int) -> bool:
        """Whether an epoch is over after this many steps."""
        if self.batch_size_schedule is None:
            return step % self.steps_per_epoch == 0
        return step in self._ends_of_epochs

    @cached_property
    def _ends_of_epochs(self) -> frozenset[int]:
        """Steps after which an epoch is over, where epochs differ in length."""
        return frozenset(accumulate(map(self.steps_in, range(math.ceil(self.epochs)))))

    def clocks(self, steps: range, total_steps: int) -> Iterator[Clock]:
        """The moment of each step."""
        step = steps.start
        for epoch, positions in self.positions(steps):
            for position in positions:
                passes = None if self.batch_size_schedule is None else epoch + position / self.steps_in(epoch)
                yield Clock(step, total_steps, self.steps_per_epoch, passes)
                step += 1

    def clock(self, step: int) -> Clock:
        """The moment of one step; one behind the training's end is like its last."""
        step = min(step, self.total_steps - 1)
        if self.batch_size_schedule is None:
            return Clock(step, self.total_steps, self.steps_per_epoch)
        return next(self.clocks(range(step, step + 1), self.total_steps))

    def positions(self, steps: range) -> Iterator[tuple[int, range]]:
        """Each epoch that holds some of the steps, and their positions in it."""
        epoch, start = 0, 0
        while start < steps.stop:
            end = start + self.steps_in(epoch)
            positions = range(max(steps.start, start) - start, min(steps.stop, end) - start)
            if positions:
                yield epoch, positions
            epoch, start = epoch + 1, end
