"""AdamW: Adam whose weight decay acts on the weights themselves, not through the gradient's moments.

    weight <- weight * (1 - learning_rate * weight_decay), and then Adam's step of the gradient alone

All weights then decay at one rate, however large their gradients are.

Source: Loshchilov & Hutter 2017 (arXiv:1711.05101), algorithm 2, with the decay multiplied by the learning rate, as
PyTorch has it.
Measured: no figure read by us; the paper's own settings are learning rate 0.001 and normalised decay 0.025, see
`NormalisedWeightDecay`.
Hurts: a decay copied from SGD (5e-4) does next to nothing at AdamW's small learning rates.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from torch.optim import Optimizer

from assay.optimizers import AdamW, ParameterGroups, require_sensible
from assay.recipe import Recipe
from assay.tricks.optimizer_slot import use_optimizer


@dataclass(frozen=True)
class UseAdamW:
    """Train with AdamW. It fills the slot with itself.

    weight_decay: at least 0; usual 0.01 to 0.1.
    """

    learning_rate: float = 1e-3
    momentum: float = 0.9
    second_moment: float = 0.999
    weight_decay: float = 0.01
    decoupled: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require_sensible(self)

    def __call__(self, recipe: Recipe) -> Recipe:
        return use_optimizer(recipe, self)

    def build(self, groups: ParameterGroups) -> Optimizer:
        return AdamW(self.learning_rate, self.momentum, self.second_moment, self.weight_decay).build(groups)
