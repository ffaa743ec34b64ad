"""Binary cross entropy: each class is a yes-or-no question of its own, so a mixed image may be two classes at once.

    loss = sum_k -[targets_k * log(p_k) + (1 - targets_k) * log(1 - p_k)],  p = sigmoid(outputs)

The mean is over examples. Over classes it is the sum (`over_classes="sum"`, in the units of cross entropy), or
the mean ("mean", 1 / classes of it, which an optimiser that normalises its steps does not feel). With all outputs
at 0 the first loss is classes * log 2 for the sum and log 2 for the mean. `threshold` above 0 asks of mixed
targets only which classes are in them: shares above it become 1, the others 0.

Also: BCE, sigmoid cross entropy.
Source: Beyer et al. 2020 (arXiv:2006.07159) for single labels; Wightman et al. 2021
(arXiv:2110.00476) for mixed ones.
Measured: part of ImageNet ResNet-50 recipes A1, A2, A3 with 80.38, 79.83, 78.05 top-1 (Wightman et al. 2021);
no figure read by us isolates it.
Hurts: answers are read as a softmax over classes afterwards, for which these outputs were not fitted: calibrate
before you trust the probabilities. Many classes from outputs at 0: almost all of the first loss is "no".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch.nn.functional as F
from torch import Tensor

from assay.data.specification import Task
from assay.losses import Probabilities, Reduction, as_rows
from assay.recipe import Recipe
from assay.tricks.arguments import require_choice, require_range

OVER_CLASSES = ("sum", "mean")


@dataclass(frozen=True)
class BinaryCrossEntropyLoss:
    """Binary cross entropy of every class, on class indices or target distributions."""

    over_classes: str = "sum"
    threshold: float = 0.0
    probabilities: ClassVar[Probabilities] = "sigmoid"
    task: Task = "classification"

    def __call__(self, outputs: Tensor, targets: Tensor, reduction: Reduction = "mean") -> Tensor:
        rows = as_rows(targets, outputs)
        if self.threshold > 0.0:
            rows = (rows > self.threshold).to(outputs.dtype)
        terms = F.binary_cross_entropy_with_logits(outputs, rows, reduction="none")
        losses = terms.sum(1) if self.over_classes == "sum" else terms.mean(1)
        return losses.mean() if reduction == "mean" else losses


@dataclass(frozen=True)
class BinaryCrossEntropy:
    """Replace cross entropy. over_classes: `sum` or `mean`; threshold: 0 keeps mixed targets as they are."""

    over_classes: str = "sum"
    threshold: float = 0.0

    def __post_init__(self) -> None:
        require_choice("over_classes", self.over_classes, OVER_CLASSES)
        require_range("threshold", self.threshold, 0.0, 1.0, usual="0 keeps shares, 0.2 makes them yes or no")

    def __call__(self, recipe: Recipe) -> Recipe:
        recipe.require(recipe.task == "classification", self, "a classification task")
        # A sigmoid a class, where tricks that shift outputs mean a softmax over them.
        return recipe.claim(self, "probabilities_of_outputs").fill(
            self, loss=BinaryCrossEntropyLoss(self.over_classes, self.threshold)
        )
