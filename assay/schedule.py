"""Where a training is, and what a schedule is: a pure function from there to a factor.

One algebra for every scheduled number: the value used at a step is `base * factor(clock)`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple


class Clock(NamedTuple):
    """A moment of training.

    step: finished optimiser updates, counted from 0. steps_per_epoch: in the first epoch. passes: finished
    passes over the training split where epochs differ in steps (a growing batch), else None.
    """

    step: int
    total_steps: int
    steps_per_epoch: int
    passes: float | None = None

    @property
    def progress(self) -> float:
        """step / total_steps, in [0, 1)."""
        return self.step / self.total_steps

    @property
    def epoch(self) -> float:
        """Finished passes over the training split, with its fraction."""
        return self.step / self.steps_per_epoch if self.passes is None else self.passes


Schedule = Callable[[Clock], float]


def clocks(steps: range, *, total_steps: int, steps_per_epoch: int) -> Iterator[Clock]:
    """The moments of these steps in a training whose epochs are all alike."""
    return (Clock(step, total_steps, steps_per_epoch) for step in steps)
