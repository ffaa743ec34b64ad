"""Adafactor: Adam's second moment of a matrix kept as one row and one column, and no first moment.

    row    <- decay_t * row    + (1 - decay_t) * mean of gradient^2 over columns      decay_t = 1 - t^-0.8
    column <- decay_t * column + (1 - decay_t) * mean of gradient^2 over rows
    step   =  gradient / sqrt(row column^T / mean(row)), scaled down to a root mean square of at most 1
    weight <- weight * (1 - learning_rate * weight_decay)
    weight <- weight - min(learning_rate, 1 / sqrt(t)) * max(0.001, RMS(weight)) * step

Memory of its state grows with rows + columns instead of rows * columns. Vectors keep a full second moment.
The learning rate is relative to the weights' own size.

Source: Shazeer & Stern 2018 (arXiv:1804.04235), algorithms 4 to 6; PyTorch's `Adafactor`.
Measured: no figure read by us.
Hurts: weights at exactly 0 leave it slowly: their steps are 0.001 of the rate. Convolutions are factored over the two
sides of their kernels, which saves little.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch.optim import Optimizer

from assay.optimizers import ParameterGroups, require_sensible
from assay.recipe import Recipe
from assay.tricks.optimizer_slot import use_optimizer


@dataclass(frozen=True)
class Adafactor:
    """Train with Adafactor. It fills the slot with itself; needs PyTorch 2.5."""

    learning_rate: float = 0.01
    weight_decay: float = 0.0

    def __post_init__(self) -> None:
        require_sensible(self)

    def __call__(self, recipe: Recipe) -> Recipe:
        recipe.require(hasattr(torch.optim, "Adafactor"), self, "PyTorch 2.5 or later")
        return use_optimizer(recipe, self)

    def build(self, groups: ParameterGroups) -> Optimizer:
        return torch.optim.Adafactor(groups, lr=self.learning_rate, weight_decay=self.weight_decay)
