"""Progressive resizing: small images first, which are cheap, and full size for the last epochs.

    factor = first                                                progress < start
    factor = first + (1 - first) * (progress - start) / (end - start)
    factor = 1                                                    progress >= end
    side   = side * factor, to the nearest even number of pixels, bilinearly

Any schedule can do so with `of="resolution"`; this is the published ramp. It acts before all batch edits that are
already in the stack, so that the shares in mixed targets stay exact.

Ends: first `first`, 1 from progress `end` on, last 1.
Source: Howard & Gugger's fastai entry to DAWNBench 2018; Composer's `ProgressiveResizing` (first 0.5, ramp from 0.5
of the training, full size for the last 0.2); ffcv's ImageNet recipe (160 -> 192 pixels, epochs 65 to 76 of 88).
Measured: no figure read by us isolates it: ffcv's whole ResNet-50 recipe of 88 epochs, 78.4 top-1 on ImageNet.
Hurts: networks with little depth for small sides; batch norm's statistics, which follow the size just seen; batch
edits sized in pixels, such as Cutout, whose square stays as large as it is while images are small.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from assay.recipe import Recipe
from assay.schedule import Clock
from assay.tricks.arguments import require_range
from assay.tricks.quantity import schedule_quantity


def ramp(clock: Clock, *, first: float, start: float, end: float) -> float:
    """`first` until `start`, a straight line, and 1 from `end` on."""
    if clock.progress >= end:
        return 1.0
    if clock.progress <= start:
        return first
    return first + (1.0 - first) * (clock.progress - start) / (end - start)


@dataclass(frozen=True)
class ProgressiveResizing:
    """Train on smaller images at first.

    first: scale of the first, in (0, 1]; start, end: progress from which they grow, and at which they are whole.
    """

    first: float = 0.5
    start: float = 0.5
    end: float = 0.8

    images_only: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require_range("first", self.first, 0.01, 1.0, usual="0.5 is usual, and 1 is off")
        require_range("start", self.start, 0.0, 1.0, usual="0.5 is usual")
        require_range("end", self.end, self.start, 1.0, usual="0.8 is usual; it must not lie before start")

    def __call__(self, recipe: Recipe) -> Recipe:
        shape = partial(ramp, first=self.first, start=self.start, end=self.end)
        return schedule_quantity(recipe, self, "resolution", shape)
