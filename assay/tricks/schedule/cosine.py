"""Cosine decay: half a cosine from the base rate to the floor; slow, then fast, then slow.

    progress = (step - warmup_steps) / (total_steps - warmup_steps), 0 during warm-up
    factor   = floor + (1 - floor) * (1 + cos(pi * progress)) / 2

With warmup_epochs the rate first rises as in `Warmup` (one_step), and the cosine starts after it.

Also: cosine annealing, CosineAnnealingLR.
Ends: first 1 (1 / warmup_steps with warm-up), 1 at step warmup_steps, last one step short of the floor.
Source: Loshchilov & Hutter 2016, equation 5 (arXiv:1608.03983); He et al. 2018, section 5.1 (arXiv:1812.01187).
Measured: ImageNet ResNet-50-D 77.16 -> 77.91 top-1, MobileNet 71.90 -> 72.83 (He et al. 2018, table 6);
CIFAR-10 WRN-28-10 4.13 -> 3.86 % error over 200 epochs against steps (Loshchilov & Hutter 2016).
Hurts: a training stopped early, which never sees the small rates; CUB-200 VGG-16 lost 1 point
(weiaicunzai's repository of the bag of tricks).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial

from assay.recipe import Recipe
from assay.schedule import Clock
from assay.tricks.arguments import require_range
from assay.tricks.quantity import require_quantity, schedule_quantity
from assay.tricks.schedule.warmup import warmup, warmup_steps


def cosine(clock: Clock, *, warmup_epochs: float = 0.0, floor: float = 0.0) -> float:
    """1 until the warm-up is over, then half a cosine down to `floor` at the end of training.

    The rise is a factor of its own: in a loop of yours, times `warmup(clock, epochs=warmup_epochs, first="one_step")`.
    """
    start = warmup_steps(clock, warmup_epochs)
    progress = max(0, clock.step - start) / max(1, clock.total_steps - start)
    return floor + (1.0 - floor) * 0.5 * (1.0 + math.cos(math.pi * progress))


@dataclass(frozen=True)
class Cosine:
    """Decay `of` along half a cosine. warmup_epochs: linear rise before it; floor: last factor, in [0, 1]."""

    warmup_epochs: float = 0.0
    floor: float = 0.0
    of: str = "learning_rate"

    def __post_init__(self) -> None:
        require_range("warmup_epochs", self.warmup_epochs, 0.0, usual="5 is usual for 120 epochs, 0 for none")
        require_range("floor", self.floor, 0.0, 1.0, usual="0 is usual, and 1 keeps the rate constant")
        require_quantity(self.of)

    def __call__(self, recipe: Recipe) -> Recipe:
        length = self.warmup_epochs
        recipe.require(length < recipe.epochs, self, f"a training longer than its warm-up of {length:g} epochs")
        schedule = partial(cosine, warmup_epochs=length, floor=self.floor)
        rise = partial(warmup, epochs=length, first="one_step") if length else None
        return schedule_quantity(recipe, self, self.of, schedule, rise=rise)
