"""Square-root scaling: k times the examples in a batch, sqrt(k) times the learning rate.

    learning_rate <- learning_rate * sqrt(batch_size / reference_batch_size)

Keeps the spread of one step: the gradient's noise falls with sqrt(k). For SGD far from its noise limit the linear
rule holds (`LinearScaling`); for Adam and its kin, which divide by the gradient's size, this one does.

Source: Krizhevsky 2014 (arXiv:1404.5997), section 5; Malladi et al. 2022 (arXiv:2205.10287) for Adam, who also
change the moments' decays, which this trick does not.
Measured: no figure read by us.
Hurts: SGD at moderate batches: Goyal et al. 2017 (arXiv:1706.02677) keep the curves of training by the linear rule.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from assay.recipe import Recipe
from assay.tricks.optimizer.linear_scaling import batch_ratio


def scale_by_square_root(learning_rate: float, *, batch_size: int, reference_batch_size: int = 256) -> float:
    """The rate for this batch size of a rate chosen for the reference batch size.

    Raises:
        ValueError: a batch size is below 1.
    """
    return learning_rate * math.sqrt(batch_ratio(batch_size, reference_batch_size))


@dataclass(frozen=True)
class SquareRootScaling:
    """Follow the batch. reference_batch_size: the batch that the optimiser's learning rate is meant for."""

    reference_batch_size: int = 256

    def __post_init__(self) -> None:
        scale_by_square_root(1.0, batch_size=1, reference_batch_size=self.reference_batch_size)

    def __call__(self, recipe: Recipe) -> Recipe:
        rate = scale_by_square_root(
            recipe.optimizer.learning_rate,
            batch_size=recipe.batch_size,
            reference_batch_size=self.reference_batch_size,
        )
        return recipe.set_options(self, "optimizer", learning_rate=rate)
