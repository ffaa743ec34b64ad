"""Step decay: divide the rate at fixed moments, when progress at the old rate has stopped.

    factor ^ (number of milestones reached),  a milestone is reached at step round(milestone * total_steps)

Also: MultiStep, MultiStepLR, piecewise constant rate.
Ends: first 1, last factor ^ len(milestones); each new value holds from its milestone's own step on.
Source: He et al. 2015 (arXiv:1512.03385); He et al. 2018, section 2.1: a tenth at epochs 30, 60 and 90 of 120.
Measured: the baseline of He et al. 2018, ImageNet ResNet-50 75.87 top-1; cosine improves on it by .75 points.
Hurts: milestones copied from a training of another length, hence progress and not epochs here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from assay.recipe import Recipe
from assay.schedule import Clock
from assay.tricks.arguments import require_range
from assay.tricks.quantity import require_quantity, schedule_quantity


def step_decay(clock: Clock, *, milestones: tuple[float, ...], factor: float) -> float:
    """`factor` to the number of milestones (shares of the training) that lie behind."""
    reached = sum(clock.step >= round(milestone * clock.total_steps) for milestone in milestones)
    return factor**reached


@dataclass(frozen=True)
class StepDecay:
    """Decay `of` at milestones. milestones: shares of the training, rising; factor: at each, in (0, 1]."""

    milestones: tuple[float, ...] = (0.25, 0.5, 0.75)
    factor: float = 0.1
    of: str = "learning_rate"

    def __post_init__(self) -> None:
        for milestone in self.milestones:
            require_range("milestones", milestone, 0.0, 1.0, usual="they are shares of the training, not epochs")
        if list(self.milestones) != sorted(set(self.milestones)):
            raise ValueError(f"milestones must rise, got {self.milestones}; sort them and name each once")
        require_range("factor", self.factor, 1e-12, 1.0, usual="0.1 is usual, and 1 keeps the rate constant")
        require_quantity(self.of)

    def __call__(self, recipe: Recipe) -> Recipe:
        schedule = partial(step_decay, milestones=self.milestones, factor=self.factor)
        return schedule_quantity(recipe, self, self.of, schedule)
