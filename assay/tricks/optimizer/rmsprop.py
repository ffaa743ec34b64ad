"""RMSProp: each weight steps by its gradient over a running root mean square of it.

    square   <- smoothing * square + (1 - smoothing) * gradient^2
    velocity <- momentum * velocity + gradient / (sqrt(square) + 1e-8)
    weight   <- weight - learning_rate * velocity

`square` starts at 0 and is not corrected for it, so the first steps are 1 / sqrt(1 - smoothing) times longer;
Adam is this with the correction. Weight decay is added to the gradient first.

Source: Hinton 2012, lecture 6e of "Neural Networks for Machine Learning"; Goodfellow et al. 2016, algorithms 8.4
and 8.5; PyTorch's `RMSprop`.
Measured: no figure read by us; it trains the critic of a WGAN, at 5e-5 and without momentum (WGAN repository).
Hurts: the long first steps, above, at learning rates chosen for Adam.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch.optim import Optimizer

from assay.optimizers import ParameterGroups, require_sensible
from assay.recipe import Recipe
from assay.tricks.optimizer_slot import use_optimizer


@dataclass(frozen=True)
class RMSProp:
    """Train with RMSProp. It fills the slot with itself.

    momentum: in [0, 1); usual 0. smoothing: in [0, 1); usual 0.9 to 0.99.
    """

    learning_rate: float = 1e-3
    momentum: float = 0.0
    smoothing: float = 0.99
    weight_decay: float = 0.0

    def __post_init__(self) -> None:
        require_sensible(self)

    def __call__(self, recipe: Recipe) -> Recipe:
        return use_optimizer(recipe, self)

    def build(self, groups: ParameterGroups) -> Optimizer:
        return torch.optim.RMSprop(
            groups,
            lr=self.learning_rate,
            alpha=self.smoothing,
            momentum=self.momentum,
            weight_decay=self.weight_decay,
        )
