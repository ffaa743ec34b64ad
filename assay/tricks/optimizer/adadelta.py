"""Adadelta: the step's length is that of recent steps, so that it has the weights' own units.

    square <- smoothing * square + (1 - smoothing) * gradient^2
    delta  =  gradient * sqrt(moved + 1e-6) / sqrt(square + 1e-6)
    moved  <- smoothing * moved + (1 - smoothing) * delta^2
    weight <- weight - learning_rate * delta

The paper has no learning rate (1 here). `moved` starts at 0, so the first step is 0.001 / sqrt(1 - smoothing) long,
0.003 here, whatever the gradient. Weight decay is added to the gradient first.

Source: Zeiler 2012 (arXiv:1212.5701), algorithm 1; PyTorch's `Adadelta`.
Measured: CIFAR-10 ResNet-56 with a piecewise constant rate: Nesterov 90.3, AdaDelta 71.0 % (super-convergence logs).
Hurts: short trainings, which its own slow start takes up; and above.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch.optim import Optimizer

from assay.optimizers import ParameterGroups, require_sensible
from assay.recipe import Recipe
from assay.tricks.optimizer_slot import use_optimizer


@dataclass(frozen=True)
class Adadelta:
    """Train with Adadelta. It fills the slot with itself.

    smoothing: in [0, 1); usual 0.9 to 0.95.
    """

    learning_rate: float = 1.0
    smoothing: float = 0.9
    weight_decay: float = 0.0

    def __post_init__(self) -> None:
        require_sensible(self)

    def __call__(self, recipe: Recipe) -> Recipe:
        return use_optimizer(recipe, self)

    def build(self, groups: ParameterGroups) -> Optimizer:
        return torch.optim.Adadelta(groups, lr=self.learning_rate, rho=self.smoothing, weight_decay=self.weight_decay)
