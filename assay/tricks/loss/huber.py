"""Huber loss: for regression; squared for small errors, absolute for large ones, so outliers pull with bounded force.

    loss = error^2 / 2                       where |error| <= delta
         = delta * (|error| - delta / 2)     elsewhere;   the mean is over output columns

Targets are standardised, so delta is in deviations of the training targets.

Also: smooth L1 loss.
Source: Huber 1964, "Robust Estimation of a Location Parameter"; PyTorch's `huber_loss`.
Measured: no figure read by us.
Hurts: targets whose rare, large values are what matters.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor

from assay.data.specification import Task
from assay.losses import Reduction, require_one_shape
from assay.recipe import Recipe
from assay.tricks.arguments import require_finite_above_zero


@dataclass(frozen=True)
class HuberLoss:
    """Squared up to delta, absolute beyond, averaged over output columns."""

    delta: float = 1.0
    task: Task = "regression"

    def __call__(self, outputs: Tensor, targets: Tensor, reduction: Reduction = "mean") -> Tensor:
        require_one_shape(outputs, targets)
        losses = F.huber_loss(outputs, targets, reduction="none", delta=self.delta).flatten(1).mean(1)
        return losses.mean() if reduction == "mean" else losses


@dataclass(frozen=True)
class Huber:
    """Replace the squared error. delta: where the loss becomes linear, above 0; usual 1."""

    delta: float = 1.0

    def __post_init__(self) -> None:
        require_finite_above_zero("delta", self.delta, usual="the usual value is 1")

    def __call__(self, recipe: Recipe) -> Recipe:
        recipe.require(recipe.task == "regression", self, "a regression task")
        return recipe.fill(self, loss=HuberLoss(self.delta))
