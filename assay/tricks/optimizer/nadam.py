"""NAdam: Adam with Nesterov's look ahead in its first moment.

    m_t    =  momentum * (1 - 0.5 * 0.96^(t * 0.004)), a momentum that warms up
    weight <- weight - learning_rate * ((1 - m_t) * gradient / (1 - m_1 ... m_t)
                                        + m_{t+1} * mean / (1 - m_1 ... m_{t+1})) / (sqrt(corrected square) + 1e-8)

`mean` and `square` are Adam's. Weight decay is added to the gradient, or outside the moments where `decoupled`.
A schedule of the momentum scales the whole product m_t.

Source: Dozat 2016, "Incorporating Nesterov Momentum into Adam"; PyTorch's `NAdam`.
Measured: no figure read by us.
Hurts: no failure in the tables at hand; one vector operation more per step than Adam.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch.optim import Optimizer

from assay.optimizers import ParameterGroups, require_sensible
from assay.recipe import Recipe
from assay.tricks.optimizer_slot import use_optimizer


@dataclass(frozen=True)
class NAdam:
    """Train with NAdam. It fills the slot with itself.

    decoupled: decay the weights as AdamW does instead of through the gradient.
    """

    learning_rate: float = 2e-3
    momentum: float = 0.9
    second_moment: float = 0.999
    weight_decay: float = 0.0
    decoupled: bool = False

    def __post_init__(self) -> None:
        require_sensible(self)

    def __call__(self, recipe: Recipe) -> Recipe:
        return use_optimizer(recipe, self)

    def build(self, groups: ParameterGroups) -> Optimizer:
        return torch.optim.NAdam(
            groups,
            lr=self.learning_rate,
            betas=(self.momentum, self.second_moment),
            weight_decay=self.weight_decay,
            decoupled_weight_decay=self.decoupled,
        )
