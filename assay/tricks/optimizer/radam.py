"""RAdam: Adam that divides by its root mean square only once enough gradients were seen to trust it.

    rho_inf = 2 / (1 - second_moment) - 1
    rho_t   = rho_inf - 2 t second_moment^t / (1 - second_moment^t)
    rho_t <= 5:  weight <- weight - learning_rate * corrected mean
    else:        weight <- weight - learning_rate * r_t * corrected mean / (sqrt(corrected square) + 1e-8)
                 r_t = sqrt((rho_t - 4)(rho_t - 2) rho_inf / ((rho_inf - 4)(rho_inf - 2) rho_t))

r_t rises to 1 like a warm-up: the first 5 steps are plain momentum. Weight decay is added to the gradient, or
outside the moments where `decoupled`.

Source: Liu et al. 2019 (arXiv:1908.03265), algorithm 2; PyTorch's `RAdam`.
Measured: no figure read by us.
Hurts: together with a warm-up: it is one already; trainings of a few hundred steps, of which most pass while r_t is
small (.15 at step 50).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch.optim import Optimizer

from assay.optimizers import ParameterGroups, require_sensible
from assay.recipe import Recipe
from assay.tricks.optimizer_slot import use_optimizer


@dataclass(frozen=True)
class RAdam:
    """Train with RAdam. It fills the slot with itself.

    decoupled: decay the weights as AdamW does instead of through the gradient.
    """

    learning_rate: float = 1e-3
    momentum: float = 0.9
    second_moment: float = 0.999
    weight_decay: float = 0.0
    decoupled: bool = False

    def __post_init__(self) -> None:
        require_sensible(self)

    def __call__(self, recipe: Recipe) -> Recipe:
        return use_optimizer(recipe, self)

    def build(self, groups: ParameterGroups) -> Optimizer:
        return torch.optim.RAdam(
            groups,
            lr=self.learning_rate,
            betas=(self.momentum, self.second_moment),
            weight_decay=self.weight_decay,
            decoupled_weight_decay=self.decoupled,
        )
