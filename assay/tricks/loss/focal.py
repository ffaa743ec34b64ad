"""Focal loss: examples that are already right count less, so rare and hard ones decide.

    loss = -sum_k alpha_k * targets_k * (1 - p_k)^gamma * log(p_k),  p = softmax(outputs)

The mean is over examples, also with class weights.

Source: Lin et al. 2017, equations 4 and 5 (arXiv:1708.02002); gamma 2, and alpha .25 for the rare class
of two, which here is alpha = (0.75, 0.25).
Measured: no figure read by us; the paper reports it for detection (COCO), not for balanced classes.
Hurts: balanced classes with noisy labels, where the hard examples are the wrong ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor

from assay.data.specification import Task
from assay.losses import Probabilities, Reduction, as_rows
from assay.recipe import Recipe
from assay.tricks.arguments import require_range


def _check(gamma: float, alpha: tuple[float, ...] | None) -> None:
    require_range("gamma", gamma, 0.0, usual="2 is usual, and 0 is plain cross entropy")
    for weight in alpha or ():
        require_range("alpha", weight, 0.0, usual="give each class a weight, 1 to leave it as it is")


@dataclass(frozen=True)
class FocalLoss:
    """Focal loss on class indices or target distributions; gamma 0 without alpha is cross entropy."""

    gamma: float = 2.0
    alpha: tuple[float, ...] | None = None
    probabilities: ClassVar[Probabilities] = "softmax"
    task: Task = "classification"

    def __post_init__(self) -> None:
        _check(self.gamma, self.alpha)

    def __call__(self, outputs: Tensor, targets: Tensor, reduction: Reduction = "mean") -> Tensor:
        if self.gamma == 0.0 and self.alpha is None:
            return F.cross_entropy(outputs, targets, reduction=reduction)
        losses = self._losses(outputs, targets)
        return losses.mean() if reduction == "mean" else losses

    def _losses(self, outputs: Tensor, targets: Tensor) -> Tensor:
        log_probabilities = F.log_softmax(outputs, dim=1)
        # The clamp keeps gradients finite: the power's slope is infinite at 0 for gamma below 1.
        misses = (-torch.expm1(log_probabilities)).clamp(min=1e-12)
        terms = -as_rows(targets, outputs) * misses.pow(self.gamma) * log_probabilities
        if self.alpha is not None:
            classes = outputs.shape[1]
            if len(self.alpha) != classes:
                raise ValueError(
                    f"alpha must have one weight a class, got {len(self.alpha)} for {classes} classes; "
                    "None weighs all alike"
                )
            terms = terms * outputs.new_tensor(self.alpha)
        return terms.sum(1)


@dataclass(frozen=True)
class Focal:
    """Replace cross entropy. gamma: 2 is usual, 0 is cross entropy; alpha: one weight a class, or none."""

    gamma: float = 2.0
    alpha: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        _check(self.gamma, self.alpha)

    def __call__(self, recipe: Recipe) -> Recipe:
        recipe.require(recipe.task == "classification", self, "a classification task")
        return recipe.fill(self, loss=FocalLoss(gamma=self.gamma, alpha=self.alpha))
