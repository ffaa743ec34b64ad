"""One cycle: rise to a rate that would be too large to start with, then fall far below the first one.

    rise (progress < peak_progress):  start_factor -> peak_factor
    fall (the rest):                  peak_factor -> end_factor

along half a cosine (`shape="cosine"`) or a straight line. Given two values, momentum goes the other way, from
the first down to the second and back; by default (`momentum=None`) it stays the optimiser's own. Factors are of
the optimiser's own learning rate, so with peak_factor 1 that rate is the peak; momentum is given in its own values.

Also: 1cycle, super-convergence.
Ends: first start_factor, peak_factor at step peak_progress * total_steps, last one step short of
end_factor; a given momentum first its first value, its second at the peak, last one step short of its first.
Source: Smith 2018, sections 4.1 and 5 (arXiv:1803.09820); Smith & Topin 2017 (arXiv:1708.07120).
Measured: CIFAR-10 ResNet-56 92.4 after 10k iterations, 91.2 after 80k at piecewise-constant rates (Smith &
Topin 2017); ImageNet ResNet-50 67.6 top-1 in 20 epochs, 63.7 in 100 (Smith 2018).
Hurts: with the usual weight decay at the large rate: 1e-3 destroyed the CIFAR-10 run (9.95 % accuracy,
super-convergence logs).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial

from assay.recipe import Recipe
from assay.schedule import Clock, Schedule
from assay.tricks.arguments import require_choice, require_range
from assay.tricks.quantity import require_quantity, schedule_quantity, set_momentum_over_time

SHAPES = ("cosine", "linear")


def one_cycle(
    clock: Clock, *, first: float, peak: float, end: float, peak_progress: float, shape: str = "cosine"
) -> float:
    """From `first` to `peak` until `peak_progress` of the training, then to `end`."""
    if clock.progress < peak_progress:
        return _between(first, peak, clock.progress / peak_progress, shape)
    return _between(peak, end, (clock.progress - peak_progress) / (1.0 - peak_progress), shape)


def _between(start: float, stop: float, part: float, shape: str) -> float:
    """`start` at part 0, `stop` at part 1."""
    part = part if shape == "linear" else 0.5 * (1.0 - math.cos(math.pi * part))
    return start + (stop - start) * part


@dataclass(frozen=True)
class OneCycle:
    """One rise and one fall of `of`.

    start_factor, peak_factor, end_factor: of the base value, such as the optimiser's learning rate.
    peak_progress: share of the training before the peak. momentum: values at the ends and at the
    peak, or None to leave it as the optimiser has it. shape: `cosine` or `linear`.
    """

    start_factor: float = 0.04
    peak_factor: float = 1.0
    end_factor: float = 1e-4
    peak_progress: float = 0.3
    momentum: tuple[float, float] | None = None
    shape: str = "cosine"
    of: str = "learning_rate"

    def __post_init__(self) -> None:
        require_range("start_factor", self.start_factor, 0.0, usual="1/25 of the peak is usual")
        require_range("peak_factor", self.peak_factor, 0.0, usual="1 makes the optimiser's rate the peak")
        require_range("end_factor", self.end_factor, 0.0, usual="1e-4 of the peak is usual")
        require_range("peak_progress", self.peak_progress, 0.0, 0.99, usual="0.3 is usual, 0 starts at the peak")
        for value in self.momentum or ():
            require_range("momentum", value, 0.0, 0.9999, usual="(0.95, 0.85) is usual, and None leaves it alone")
        require_choice("shape", self.shape, SHAPES)
        require_quantity(self.of)
        if self.momentum is not None and self.of != "learning_rate":
            raise ValueError(f"momentum goes against the learning rate, not {self.of}; leave it out")

    def __call__(self, recipe: Recipe) -> Recipe:
        cycle = partial(one_cycle, peak_progress=self.peak_progress, shape=self.shape)
        rate = partial(cycle, first=self.start_factor, peak=self.peak_factor, end=self.end_factor)
        if self.momentum is None:
            return schedule_quantity(recipe, self, self.of, rate)

        def away(factors: tuple[float, ...]) -> Schedule:
            return partial(cycle, first=factors[0], peak=factors[1], end=factors[0])

        return set_momentum_over_time(recipe, self, self.momentum, away).fill(self, learning_rate_schedule=rate)
