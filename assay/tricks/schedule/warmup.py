"""Warm-up: small first steps while the weights are still random; it multiplies the schedule.

    one_step:  factor = min(1, (step + 1) / warmup_steps)
    zero:      factor = min(1, step / warmup_steps)

with warmup_steps = round(epochs * steps_per_epoch) and step = finished updates. `one_step` is the
formula of He et al. (batch i of m uses i / m of the rate); with `zero` the first update changes
nothing. The learning rate has a slot for warm-up of its own; of another quantity it is the whole schedule.

Ends: one_step: first 1 / warmup_steps, 1 from step warmup_steps - 1 on, last 1;
zero: first 0, 1 from step warmup_steps on, last 1.
Source: Goyal et al. 2017, section 2.2 (arXiv:1706.02677); He et al. 2018, section 3.1 (arXiv:1812.01187).
Measured: ImageNet ResNet-50 75.17 -> 75.93 top-1 at batch 1024, 75.87 -> 76.03 at 256 (He et al. 2018,
table 4); CUB-200 VGG-16 64.60 -> 66.07, with Xavier initialisation (weiaicunzai's repository of the bag of tricks).
Hurts: very short trainings, which lose these epochs.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from assay.recipe import Recipe
from assay.schedule import Clock
from assay.tricks.arguments import require_choice, require_range
from assay.tricks.quantity import require_quantity, schedule_quantity

FIRSTS = ("one_step", "zero")


def warmup(clock: Clock, *, epochs: float, first: str = "one_step") -> float:
    """A straight line from `first` up to 1, then 1."""
    length = warmup_steps(clock, epochs)
    done = clock.step + (first == "one_step")
    return 1.0 if done >= length else done / length


def warmup_steps(clock: Clock, epochs: float) -> int:
    """Warm-up's length in steps: epochs times steps per epoch, to the nearest step."""
    return round(epochs * clock.steps_per_epoch)


@dataclass(frozen=True)
class Warmup:
    """Raise `of` in a straight line. epochs: its length; first: `one_step` or `zero`."""

    epochs: float = 5.0
    first: str = "one_step"
    of: str = "learning_rate"

    def __post_init__(self) -> None:
        require_range("epochs", self.epochs, 0.0, usual="5 is usual for 120 epochs, and 0 turns it off")
        require_choice("first", self.first, FIRSTS)
        require_quantity(self.of)

    def __call__(self, recipe: Recipe) -> Recipe:
        recipe.require(self.epochs < recipe.epochs, self, f"a training longer than its {self.epochs:g} epochs")
        rise = partial(warmup, epochs=self.epochs, first=self.first)
        if self.of == "learning_rate":
            return recipe.fill(self, learning_rate_warmup=rise)
        return schedule_quantity(recipe, self, self.of, rise)
