"""What the loop is at: the little that every forward and every update must note, and all else can be asked later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class Moment:
    """The state of the watched loop.

    reading: the loader whose batch is at work; None between loops and for loaders that are not watched.
    is_own: the forward that runs is the watch's own, and none of the loop's.
    open_windows: of how many optimisers the next update is looked at closely; if of any, its forwards are too.
    call: arguments of the last forward with gradients. training: whether that was in training mode.
    updates: finished updates of the first optimiser.
    answers: of the last forward that was looked at closely, where they were not all finite: whether
        they hold NaN, or no number for an example.
    """

    reading: str | None = None
    is_own: bool = False
    open_windows: int = 0
    call: tuple[Any, Any] | None = None
    training: bool | None = None
    updates: int = 0
    answers: bool | None = None
