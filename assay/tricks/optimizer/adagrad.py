"""Adagrad: each weight steps by its gradient over the root of the sum of all its squared gradients so far.

    sum    <- sum + gradient^2
    weight <- weight - learning_rate * gradient / (sqrt(sum) + 1e-10)

Weights that are seldom moved keep long steps, so it suits sparse inputs; for all others the step shrinks like
1 / sqrt(t) without end. Weight decay is added to the gradient first.

Source: Duchi et al. 2011; Goodfellow et al. 2016, algorithm 8.4; PyTorch's `Adagrad`.
Measured: CIFAR-10 ResNet-56 with a piecewise constant rate: Nesterov 90.3, AdaGrad 83.7 % (super-convergence logs).
Hurts: long trainings of deep networks: the sum never forgets (Goodfellow et al. 2016, section 8.5.1), and above.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch.optim import Optimizer

from assay.optimizers import ParameterGroups, require_sensible
from assay.recipe import Recipe
from assay.tricks.optimizer_slot import use_optimizer


@dataclass(frozen=True)
class Adagrad:
    """Train with Adagrad. It fills the slot with itself."""

    learning_rate: float = 0.01
    weight_decay: float = 0.0

    def __post_init__(self) -> None:
        require_sensible(self)

    def __call__(self, recipe: Recipe) -> Recipe:
        return use_optimizer(recipe, self)

    def build(self, groups: ParameterGroups) -> Optimizer:
        return torch.optim.Adagrad(groups, lr=self.learning_rate, weight_decay=self.weight_decay)
