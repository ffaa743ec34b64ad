"""Nesterov: momentum that looks ahead, to where the velocity is about to carry the weights.

    velocity <- momentum * velocity + (gradient + weight_decay * weight)
    weight   <- weight - learning_rate * (gradient + weight_decay * weight + momentum * velocity)

PyTorch's form, in which the gradient is taken at the point already looked ahead to.

Also: NAG, Nesterov's accelerated gradient.
Source: Nesterov 1983; Sutskever et al. 2013; PyTorch's `SGD(nesterov=True)`.
Measured: CIFAR-10 ResNet-56 with a piecewise constant rate: Nesterov 90.3, Adam 87.1, AdaGrad 83.7, AdaDelta 71.0 %
(super-convergence logs); the optimiser of He et al. 2018 (arXiv:1812.01187): ImageNet ResNet-50 75.87 top-1.
Hurts: no failure in the tables at hand; on noisy gradients the look ahead is worth little.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch.optim import Optimizer

from assay.optimizers import SGD, ParameterGroups, require_sensible
from assay.recipe import Recipe
from assay.tricks.optimizer_slot import use_optimizer


@dataclass(frozen=True)
class Nesterov:
    """Train by gradient descent with Nesterov momentum. It fills the slot with itself.

    momentum: in [0, 1); usual 0.9.
    """

    learning_rate: float = 0.1
    momentum: float = 0.9
    weight_decay: float = 0.0

    def __post_init__(self) -> None:
        require_sensible(self)

    def __call__(self, recipe: Recipe) -> Recipe:
        return use_optimizer(recipe, self)

    def build(self, groups: ParameterGroups) -> Optimizer:
        return SGD(self.learning_rate, self.momentum, nesterov=True, weight_decay=self.weight_decay).build(groups)
