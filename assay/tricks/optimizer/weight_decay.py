"""Weight decay: weights shrink towards 0 unless the data holds them up.

    SGD, Adam   gradient <- gradient + weight_decay * weight      (the gradient of weight_decay / 2 * |weight|^2)
    AdamW       weight <- weight - learning_rate * weight_decay * weight, outside the moments

Source: Goodfellow et al. 2016, section 7.1.1; Loshchilov & Hutter 2017 (arXiv:1711.05101) for AdamW.
Measured: MNIST test error 1.62 % with L2 alone, 1.35 with max-norm alone, 1.25 with dropout and L2
(Srivastava et al. 2014, table 9). No figure of AdamW against Adam with L2 read by us.
Hurts: large learning rates: one-cycle to a rate of 3 fails with 1e-3 (super-convergence logs: 9.95 % on CIFAR-10).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor

from assay.recipe import Recipe


def decay(weight: Float[Tensor, "*shape"], *, learning_rate: float, weight_decay: float) -> Float[Tensor, "*shape"]:
    """One step of decay alone, as AdamW takes it and as plain SGD does: weight * (1 - learning_rate * weight_decay).

    The definition: recipes set the optimiser's own `weight_decay`.

    Raises:
        ValueError: weight_decay is negative or not finite.
    """
    _check_weight_decay(weight_decay)
    return weight * (1.0 - learning_rate * weight_decay)


@dataclass(frozen=True)
class WeightDecay:
    """Set the optimiser's weight decay.

    weight_decay: at least 0; usual 1e-4 to 5e-4 with SGD, 0.01 to 0.1 with AdamW; 0 turns it off.
    """

    weight_decay: float = 5e-4

    def __post_init__(self) -> None:
        _check_weight_decay(self.weight_decay)

    def __call__(self, recipe: Recipe) -> Recipe:
        return recipe.set_options(self, "optimizer", weight_decay=self.weight_decay)


def _check_weight_decay(weight_decay: float) -> None:
    if not (weight_decay >= 0.0 and math.isfinite(weight_decay)):
        raise ValueError(
            f"weight_decay must be finite and at least 0, got {weight_decay}; the usual value is 0.0005 with SGD, "
            "and 0 turns it off"
        )
