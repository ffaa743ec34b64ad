"""Sum loss: the losses of a batch are added, not averaged, so the gradient grows with the batch.

    loss = sum over examples of the recipe's own loss = batch * mean

For plain SGD it is a learning rate times the batch size; weight decay and clipping thresholds are then small
against the gradient. Recipes whose rates are given per example, such as airbench's, are written for it.

Source: Jordan 2024 (arXiv:2404.00498), the training program of airbench.
Measured: no figure read by us: with the rate divided by the batch it is the same training.
Hurts: learning rates and clipping thresholds from recipes that average.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from assay.data.specification import Task
from assay.losses import LossFunction, Probabilities, Reduction, probabilities_of, task_of
from assay.recipe import Recipe


@dataclass(frozen=True)
class SummedLoss:
    """Another loss, added over the batch."""

    loss: LossFunction

    @property
    def task(self) -> Task:
        return task_of(self.loss)

    @property
    def probabilities(self) -> Probabilities | None:
        return probabilities_of(self.loss)

    def __call__(self, outputs: Tensor, targets: Tensor, reduction: Reduction = "mean") -> Tensor:
        losses = self.loss(outputs, targets, reduction="none")
        return losses.sum() if reduction == "mean" else losses


@dataclass(frozen=True)
class SumLoss:
    """Add the losses of a batch."""

    def __call__(self, recipe: Recipe) -> Recipe:
        return recipe.claim(self, "loss_reduction").fill(self, loss=SummedLoss(recipe.loss))
