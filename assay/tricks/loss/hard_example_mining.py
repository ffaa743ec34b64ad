"""Hard example mining: only the examples with the largest losses of each batch are learnt from.

    loss = mean of the ceil(share * batch) largest losses

The loss is the recipe's own.

Also: OHEM, online hard example mining.
Source: Shrivastava et al. 2016 (arXiv:1604.03540) for regions of images; whole examples here.
Measured: no figure read by us; the paper reports it for detection.
Hurts: wrong labels: they have the largest losses, so they are what is left.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor

from assay.data.specification import Task
from assay.losses import LossFunction, Probabilities, Reduction, probabilities_of, task_of
from assay.recipe import Recipe


def keep_hardest(losses: Float[Tensor, " batch"], *, share: float) -> Float[Tensor, " batch"]:
    """Set all but the largest losses to 0, and scale those so that the mean is the mean of the largest.

    Args:
        share: of the batch that is kept, in (0, 1]; at least one example.
    """
    _check_share(share)
    # 0.55 * 100 is a little above 55 in binary, and would keep one more.
    kept = max(1, math.ceil(round(share * len(losses), 9)))
    if kept == len(losses):
        return losses
    hardest = losses.detach().topk(kept).indices
    return losses * losses.new_zeros(len(losses)).index_fill_(0, hardest, len(losses) / kept)


@dataclass(frozen=True)
class HardestLoss:
    """Another loss, of the hardest examples; with share 1 it is that loss."""

    loss: LossFunction
    share: float

    @property
    def task(self) -> Task:
        return task_of(self.loss)

    @property
    def probabilities(self) -> Probabilities | None:
        return probabilities_of(self.loss)

    def __call__(self, outputs: Tensor, targets: Tensor, reduction: Reduction = "mean") -> Tensor:
        if self.share == 1.0:
            return self.loss(outputs, targets, reduction=reduction)
        losses = keep_hardest(self.loss(outputs, targets, reduction="none"), share=self.share)
        return losses.mean() if reduction == "mean" else losses


@dataclass(frozen=True)
class HardExampleMining:
    """Learn from the hardest of each batch. share: kept, in (0, 1]; usual 0.25 to 0.7, and 1 turns it off."""

    share: float = 0.5

    def __post_init__(self) -> None:
        _check_share(self.share)

    def __call__(self, recipe: Recipe) -> Recipe:
        return recipe.fill(self, loss=HardestLoss(recipe.loss, self.share))


def _check_share(share: float) -> None:
    if not 0.0 < share <= 1.0:
        raise ValueError(f"share must be in (0, 1], got {share}; the usual value is 0.5, and 1 turns it off")
