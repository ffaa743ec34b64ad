"""Where a training is, and what a schedule is: a pure function from there to a factor.

One algebra for every scheduled number: the value used at a step is `base * factor(clock)`, and
`product`, `scale`, `chain` and `restart` make schedules of schedules:

    chain(partial(warmup, epochs=5), restart(cosine, period_epochs=10, multiplier=2), at=(0.1,))
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial
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


def product(*schedules: Schedule) -> Schedule:
    """All at once: factor = the product of their factors, as a warm-up times a decay."""
    return partial(_multiply, schedules)


def scale(schedule: Schedule, by: float) -> Schedule:
    """factor = by * schedule(clock)."""
    return product(schedule, partial(_constant, by))


def chain(*schedules: Schedule, at: Sequence[float]) -> Schedule:
    """One after the other: number i + 1 takes over at step round(at[i] * total_steps).

    Each sees its own stretch as a whole training: its clock starts at step 0, its progress ends at 1, and its
    epochs have the steps of the first one.

    Args:
        at: shares of the training, rising, one fewer than there are schedules.
    Raises:
        ValueError: another number of them, or they do not rise within (0, 1).
    """
    require_shares(at, len(schedules))
    return partial(_one_after_the_other, schedules, tuple(at))


def require_shares(at: Sequence[float], schedules: int) -> None:
    """Refuse hand-overs that do not part a training among so many schedules.

    Raises:
        ValueError: another number of them, or they do not rise within (0, 1).
    """
    if len(at) != schedules - 1:
        raise ValueError(f"at must have one share fewer than the {schedules} schedules, got {tuple(at)}")
    if list(at) != sorted(set(at)) or not all(0.0 < share < 1.0 for share in at):
        raise ValueError(f"at must rise within (0, 1), got {tuple(at)}; they are shares of the training")


def restart(schedule: Schedule, *, period_epochs: float, multiplier: float = 1.0) -> Schedule:
    """Again and again: each period sees `schedule` as a whole training, and is `multiplier` times the one before.

    Raises:
        ValueError: the period is not positive, or the multiplier below 1.
    """
    if not period_epochs > 0.0 or math.isinf(period_epochs):
        raise ValueError(f"period_epochs must be positive and finite, got {period_epochs}; 10 is usual")
    if not multiplier >= 1.0 or math.isinf(multiplier):
        raise ValueError(f"multiplier must be finite and at least 1, got {multiplier}; 2 is usual, 1 for equal periods")
    return partial(_restarted, schedule, period_epochs, multiplier)


def cycle_steps(total_steps: int, cycles: int) -> int:
    """Steps of each of `cycles` cycles over a training; the last one is shorter where they do not divide it."""
    return math.ceil(total_steps / cycles)


def _constant(factor: float, clock: Clock) -> float:
    return factor


def _multiply(schedules: tuple[Schedule, ...], clock: Clock) -> float:
    return math.prod((schedule(clock) for schedule in schedules), start=1.0)


def _one_after_the_other(schedules: tuple[Schedule, ...], at: tuple[float, ...], clock: Clock) -> float:
    ends = [0, *(round(share * clock.total_steps) for share in at), clock.total_steps]
    number = max(i for i in range(len(schedules)) if clock.step >= ends[i])
    length = max(1, ends[number + 1] - ends[number])
    return schedules[number](Clock(clock.step - ends[number], length, clock.steps_per_epoch))


def _restarted(schedule: Schedule, period_epochs: float, multiplier: float, clock: Clock) -> float:
    # Whole steps, so that no rounding of epochs moves a restart; they are the first epoch's where epochs differ.
    step = round(clock.epoch * clock.steps_per_epoch)
    start, length = _period_at(step, period_epochs * clock.steps_per_epoch, multiplier)
    return schedule(Clock(step - start, length, clock.steps_per_epoch))


def _period_at(step: int, first: float, multiplier: float) -> tuple[int, int]:
    """First step and length of the period that holds `step`."""
    length = max(1, round(first))
    if multiplier == 1.0:
        return step // length * length, length
    start = 0
    while step >= start + length:
        start, first = start + length, first * multiplier
        length = max(1, round(first))
    return start, length
