"""Mean absolute error: for regression; a far-off target pulls no harder than a near one.

    loss = mean over output columns of |outputs - targets|

Its minimum is the median, where that of the squared error is the mean. Targets are standardised.

Also: MAE, L1 loss.
Source: Goodfellow et al. 2016, section 6.2.1.2.
Measured: no figure read by us.
Hurts: clean targets: the gradient does not shrink near the minimum, so the learning rate must.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor

from assay.data.specification import Task
from assay.losses import Reduction, require_one_shape
from assay.recipe import Recipe


@dataclass(frozen=True)
class AbsoluteError:
    """|outputs - targets| averaged over output columns."""

    task: Task = "regression"

    def __call__(self, outputs: Tensor, targets: Tensor, reduction: Reduction = "mean") -> Tensor:
        require_one_shape(outputs, targets)
        losses = F.l1_loss(outputs, targets, reduction="none").flatten(1).mean(1)
        return losses.mean() if reduction == "mean" else losses


@dataclass(frozen=True)
class MeanAbsoluteError:
    """Replace the squared error by the absolute one."""

    def __call__(self, recipe: Recipe) -> Recipe:
        recipe.require(recipe.task == "regression", self, "a regression task")
        return recipe.fill(self, loss=AbsoluteError())
