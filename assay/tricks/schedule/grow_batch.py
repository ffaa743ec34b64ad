"""Grow the batch: where the rate would have been divided, multiply the batch instead; the noise falls as much.

    noise ~ learning_rate * examples / (batch * (1 - momentum))
    batch factor = min(cap, most, factor ^ reached)               reached = milestones behind
    rate factor  = batch factor / factor ^ reached                1 until a limit is met, then the rate falls

most is how many whole first batches the training split holds: where it is too small for the next batch, the rate
falls in its place. A milestone is reached at epoch round(milestone * epochs), and none before the first is over.

Ends: batch first 1, last min(cap, most, factor ^ len(milestones)); rate first 1, last min(1, min(cap, most) / factor ^
len(milestones)).
Source: Smith et al. 2017 (arXiv:1711.00489): 5 at each step, up to about a tenth of the training split.
Measured: CIFAR-10 WRN-16-4: 94.3 % in about 80,000 updates with a falling rate, 94.4 in about 29,000 with a growing
batch; ImageNet Inception-ResNet-v2 78.7 top-1 in 14,000 updates, 78.1 in fewer than 6,000 (Smith et al. 2017).
Hurts: machines that are full at the first batch already: fewer updates, but no less time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial

from assay.recipe import Recipe
from assay.schedule import Clock
from assay.tricks.arguments import require_range


def milestones_reached(clock: Clock, *, milestones: tuple[float, ...], epochs: int) -> int:
    """How many milestones (shares of `epochs`) lie behind; counted in epochs, whatever their steps."""
    return sum(clock.epoch >= max(1, round(milestone * epochs)) for milestone in milestones)


def grown_batch(clock: Clock, *, milestones: tuple[float, ...], epochs: int, factor: float, cap: float) -> float:
    """`factor` to the number of milestones reached, up to `cap`.

    In a recipe the feed sees to it that no batch exceeds the split; in a loop of yours, so must you: at most
    `clock.steps_per_epoch`.
    """
    return min(cap, factor ** milestones_reached(clock, milestones=milestones, epochs=epochs))


def remaining_decay(clock: Clock, *, milestones: tuple[float, ...], epochs: int, factor: float, cap: float) -> float:
    """What the rate must still fall because the batch has met its cap, or all of the split."""
    largest = min(cap, clock.steps_per_epoch)
    return min(1.0, largest / factor ** milestones_reached(clock, milestones=milestones, epochs=epochs))


@dataclass(frozen=True)
class GrowBatch:
    """Multiply the batch at milestones instead of dividing the rate. It fills both schedules.

    milestones: shares of the training, rising; factor: of the batch at each, 1 is off; cap: the largest batch,
    in first batches.
    """

    milestones: tuple[float, ...] = (0.3, 0.6, 0.8)
    factor: float = 5.0
    cap: float = 40.0

    def __post_init__(self) -> None:
        for milestone in self.milestones:
            require_range("milestones", milestone, 0.0, 1.0, usual="they are shares of the training, not epochs")
        if list(self.milestones) != sorted(set(self.milestones)):
            raise ValueError(f"milestones must rise, got {self.milestones}; sort them and name each once")
        require_range("factor", self.factor, 1.0, 1e6, usual="5 is usual, and 1 is off")
        require_range("cap", self.cap, 1.0, usual="40 is usual; choose it so that the batch is a tenth of the split")

    def __call__(self, recipe: Recipe) -> Recipe:
        parts = {"milestones": self.milestones, "epochs": math.ceil(recipe.epochs), "factor": self.factor}
        batch, rate = (partial(shape, cap=self.cap, **parts) for shape in (grown_batch, remaining_decay))
        return recipe.fill(self, batch_size_schedule=batch, learning_rate_schedule=rate)
