"""Binary focal loss: focal loss on one sigmoid per class, for targets of which several or none may hold.

    loss = sum_k -alpha * targets_k * (1 - p_k)^gamma * log(p_k)
                 -(1 - alpha) * (1 - targets_k) * p_k^gamma * log(1 - p_k),   p = sigmoid(outputs)

The mean is over examples. By default (`alpha=None`) both sides count once, so gamma 0 is binary cross entropy; the
source's alpha is 0.25. Soft targets blend the two sides. Detectors divide by the number of positives instead.

Source: Lin et al. 2017, equations 4 and 5 (arXiv:1708.02002); gamma 2 and alpha .25, which counts positives
less because gamma has already silenced most negatives.
Measured: no figure read by us; the paper reports it for detection (COCO), not for classification.
Hurts: outputs at 0 with many classes: start from rare positives (output bias log(.01 / .99)), or the first
steps learn only "no".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch.nn.functional as F
from torch import Tensor

from assay.data.specification import Task
from assay.losses import Probabilities, Reduction, as_rows
from assay.recipe import Recipe
from assay.tricks.arguments import require_range


@dataclass(frozen=True)
class FocalBinaryLoss:
    """Focal loss of every class's sigmoid; alpha None weighs both sides with 1."""

    gamma: float = 2.0
    alpha: float | None = None
    probabilities: ClassVar[Probabilities] = "sigmoid"
    task: Task = "classification"

    def __call__(self, outputs: Tensor, targets: Tensor, reduction: Reduction = "mean") -> Tensor:
        rows = as_rows(targets, outputs)
        log_yes, log_no = F.logsigmoid(outputs), F.logsigmoid(-outputs)
        yes, no = (1.0, 1.0) if self.alpha is None else (self.alpha, 1.0 - self.alpha)
        # Powers as exponentials of logarithms: their slope stays finite where a probability rounds to 0.
        terms = yes * rows * (self.gamma * log_no).exp() * log_yes
        terms = terms + no * (1.0 - rows) * (self.gamma * log_yes).exp() * log_no
        losses = -terms.sum(1)
        return losses.mean() if reduction == "mean" else losses


@dataclass(frozen=True)
class FocalBinary:
    """Replace cross entropy.

    gamma: 2 is usual, 0 is binary cross entropy; alpha: weight of "yes", the paper's 0.25; None weighs both sides
    with 1.
    """

    gamma: float = 2.0
    alpha: float | None = None

    def __post_init__(self) -> None:
        require_range("gamma", self.gamma, 0.0, usual="2 is usual, and 0 is plain binary cross entropy")
        if self.alpha is not None:
            require_range("alpha", self.alpha, 0.0, 1.0, usual="0.25 is usual, None weighs both sides alike")

    def __call__(self, recipe: Recipe) -> Recipe:
        recipe.require(recipe.task == "classification", self, "a classification task")
        loss = FocalBinaryLoss(gamma=self.gamma, alpha=self.alpha)
        return recipe.claim(self, "probabilities_of_outputs").fill(self, loss=loss)
