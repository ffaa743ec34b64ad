"""Normalised weight decay: a decay that suits trainings of every length, as its root of the number of steps.

    weight_decay = norm * sqrt(batch_size / (examples * epochs)) = norm / sqrt(total_steps)

The longer the training, the weaker the decay of each step. Optimisers here shrink weights by learning_rate *
weight_decay, the paper by the schedule's factor times its decay: the paper's norm is ours times the base learning
rate, so its 0.025 at a rate of 0.001 is 25. Where `total_steps` is moved while training runs, so is the decay.

Source: Loshchilov & Hutter 2017 (arXiv:1711.05101), appendix B.1; their code, loshchil/AdamW-and-SGDW: learning rate
0.001 and norm 0.025 for CIFAR-10.
Measured: no figure read by us.
Hurts: optimisers that add the decay to the gradient, where a norm found for one rate does not carry over; refused.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from assay.optimizers import WithDecoupling
from assay.recipe import Recipe
from assay.schedule import Clock
from assay.tricks.arguments import require_range


def share_of_norm(clock: Clock) -> float:
    """1 / sqrt(total_steps): the same at every step of a training."""
    return 1.0 / math.sqrt(clock.total_steps)


@dataclass(frozen=True)
class NormalisedWeightDecay:
    """Set the weight decay by the length of the training.

    norm: at least 0; usual 25 with AdamW at 0.001; 0 turns decay off.
    """

    norm: float = 25.0

    def __post_init__(self) -> None:
        require_range("norm", self.norm, 0.0, usual="the usual value is 25 with AdamW at 0.001, and 0 turns decay off")

    def __call__(self, recipe: Recipe) -> Recipe:
        optimizer = recipe.optimizer
        decoupled = isinstance(optimizer, WithDecoupling) and optimizer.decoupled
        recipe.require(decoupled, self, "an optimizer that decays weights outside the gradient, such as AdamW")
        recipe = recipe.fill(self, weight_decay_schedule=share_of_norm)
        return recipe.set_options(self, "optimizer", weight_decay=self.norm)
