"""Dots with intervals on a shared axis: positions in per cent, drawn by the page's own CSS.

    linear:  x = value
    error:   x = -log10(1 - value)

The error axis gives every halving of the error rate the same width, so that 98.6 % and 99.2 % stay
apart on an axis that also holds 10 %.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assay.report.wording import is_number

ERROR_TICKS = (0.0, 0.9, 0.99, 0.999, 0.9999, 0.5, 0.95, 0.995, 0.9995, 0.8, 0.98, 0.998)
"""The roundest first: where two would touch, the earlier one stays."""
AIR = 0.04
LABEL_WIDTH = 10.0
NICE_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True)
class Axis:
    """A range of values and its ticks; `errors` says that it runs in logarithms of the error."""

    low: float
    high: float
    ticks: tuple[float, ...]
    errors: bool = False

    def position(self, value: float) -> float:
        """Where `value` lies, in per cent of the axis; values outside are put at its ends."""
        low, high, here = (self._scaled(v) for v in (self.low, self.high, value))
        share = (here - low) / (high - low)
        return round(100 * min(max(share, 0.0), 1.0), 3)

    def _scaled(self, value: float) -> float:
        return -math.log10(1 - min(value, self.high)) if self.errors else value


@dataclass(frozen=True)
class Whisker:
    """One dot with its interval: positions in per cent of the axis."""

    dot: float
    left: float
    width: float


def linear_axis(values: Iterable[float], *, include: Sequence[float] = (), count: int = 5) -> Axis:
    """A range that holds all finite values with a little air, and about `count` round ticks in it."""
    held = [value for value in (*values, *include) if is_number(value)] or [0.0, 1.0]
    low, high = min(held), max(held)
    span = (high - low) or abs(high) or 1.0
    low, high = low - AIR * span, high + AIR * span
    step = _nice_step(span / count)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return Axis(low, high, tuple(round(index * step, 12) for index in range(first, last + 1)))


def accuracy_axis(values: Iterable[float], n: int) -> Axis:
    """The error axis if the best value passes 90 %, else a linear one.

    n: examples behind the best value; half an example's error is where the axis ends, because the
    logarithm of no error has no place on it.
    """
    held = [value for value in values if is_number(value)]
    if not held or max(held) <= 0.9:
        return linear_axis(held, include=(0.0,))
    high = min(max(held), 1 - 0.5 / max(n, 1))
    low = max((tick for tick in ERROR_TICKS if tick <= min(held)), default=0.0)
    bare = Axis(low, high, (), errors=True)
    return Axis(low, high, _apart(bare, [tick for tick in ERROR_TICKS if low <= tick <= high]), errors=True)


def whisker(axis: Axis, value: float, low: float, high: float) -> Whisker:
    """The dot of `value` and its interval; without a known interval, the dot alone."""
    dot = axis.position(value) if is_number(value) else 0.0
    left = axis.position(low) if is_number(low) else dot
    right = axis.position(high) if is_number(high) else dot
    return Whisker(dot, left, round(right - left, 3))


def _nice_step(rough: float) -> float:
    power = 10.0 ** math.floor(math.log10(rough))
    return next(nice * power for nice in NICE_STEPS if nice * power >= rough * 0.999)


def _apart(axis: Axis, ticks: Sequence[float]) -> tuple[float, ...]:
    """As many ticks as stand apart by the width of a label, in per cent of the axis."""
    kept: list[float] = []
    for tick in ticks:
        if all(abs(axis.position(tick) - axis.position(other)) >= LABEL_WIDTH for other in kept):
            kept.append(tick)
    return tuple(sorted(kept))
