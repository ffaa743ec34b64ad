"""Where a training is, and what a schedule is: a pure function from there to a factor.

One algebra for every scheduled number: the value used at a step is `base * factor(clock)`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class Clock(NamedTuple):
    """A moment of training. step: finished optimiser updates, counted from 0."""

    step: int
    total_steps: int
    steps_per_epoch: int

    @property
    def progress(self) -> float:
        """step / total_steps, in [0, 1)."""
        return self.step / self.total_steps

    @property
    def epoch(self) -> float:
        """Finished passes over the training split, with its fraction."""
        return self.step / self.steps_per_epoch


Schedule = Callable[[Clock], float]
