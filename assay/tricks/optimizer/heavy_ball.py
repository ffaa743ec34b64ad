"""Heavy ball: gradient descent that keeps a running sum of past gradients and steps along it.

    velocity <- momentum * velocity + (gradient + weight_decay * weight)
    weight   <- weight - learning_rate * velocity

A steady gradient is followed 1 / (1 - momentum) times as fast. PyTorch's form: the learning rate is outside
the velocity, so a rate that falls acts at once. momentum 0 is plain gradient descent.

Also: classical momentum, Polyak's momentum.
Source: Polyak 1964; Goodfellow et al. 2016, algorithm 8.2; PyTorch's `SGD`.
Measured: CIFAR-10 ResNet-56, one cycle, by momentum: 0.8 92.1, 0.85 91.9, 0.9 92.4, 0.95 90.7 % (Smith & Topin 2017,
arXiv:1708.07120, table 8).
Hurts: high momentum with a high learning rate: together they set the length of a step.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch.optim import Optimizer

from assay.optimizers import SGD, ParameterGroups, require_sensible
from assay.recipe import Recipe
from assay.tricks.optimizer_slot import use_optimizer


@dataclass(frozen=True)
class HeavyBall:
    """Train by gradient descent with classical momentum. It fills the slot with itself.

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
        return SGD(self.learning_rate, self.momentum, nesterov=False, weight_decay=self.weight_decay).build(groups)
