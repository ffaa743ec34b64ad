"""Adamax: Adam that divides by the largest recent gradient instead of the root mean square.

    mean    <- momentum * mean + (1 - momentum) * gradient
    largest <- max(second_moment * largest, |gradient| + 1e-8)
    weight  <- weight - learning_rate / (1 - momentum^t) * mean / largest

No step of a weight is then longer than about the learning rate, and `largest` needs no correction. Weight decay
is added to the gradient first.

Source: Kingma & Ba 2014 (arXiv:1412.6980), algorithm 2; PyTorch's `Adamax`.
Measured: no figure read by us.
Hurts: one gradient far too large shortens a weight's steps for about 1 / (1 - second_moment) of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch.optim import Optimizer

from assay.optimizers import ParameterGroups, require_sensible
from assay.recipe import Recipe
from assay.tricks.optimizer_slot import use_optimizer


@dataclass(frozen=True)
class Adamax:
    """Train with Adamax. It fills the slot with itself."""

    learning_rate: float = 2e-3
    momentum: float = 0.9
    second_moment: float = 0.999
    weight_decay: float = 0.0

    def __post_init__(self) -> None:
        require_sensible(self)

    def __call__(self, recipe: Recipe) -> Recipe:
        return use_optimizer(recipe, self)

    def build(self, groups: ParameterGroups) -> Optimizer:
        betas = (self.momentum, self.second_moment)
        return torch.optim.Adamax(groups, lr=self.learning_rate, betas=betas, weight_decay=self.weight_decay)
