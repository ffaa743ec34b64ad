"""Adam: each weight steps by the mean of its gradients over their root mean square.

    mean   <- momentum * mean + (1 - momentum) * gradient
    square <- second_moment * square + (1 - second_moment) * gradient^2
    weight <- weight - learning_rate * (mean / (1 - momentum^t)) / (sqrt(square / (1 - second_moment^t)) + 1e-8)

Weight decay is added to the gradient first, so it passes through the moments and weakens where gradients are
large; `UseAdamW` keeps it outside.

Source: Kingma & Ba 2014 (arXiv:1412.6980), algorithm 1; the learning rate 3e-4 is Karpathy's 2019 safe choice.
Measured: a pretrained ResNet-50 on Intel's scenes: SGD 89.07, Adam at 1e-4 94.13 % (small-scale ablation
repositories); CIFAR-10 ResNet-56 with a piecewise constant rate: Nesterov 90.3, Adam 87.1 % (super-convergence logs).
Hurts: image classification from scratch, in the second figure; critics of a WGAN, which want no momentum.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch.optim import Optimizer

from assay.optimizers import Adam, ParameterGroups, require_sensible
from assay.recipe import Recipe
from assay.tricks.optimizer_slot import use_optimizer


@dataclass(frozen=True)
class UseAdam:
    """Train with Adam. It fills the slot with itself.

    momentum, second_moment: in [0, 1); usual 0.9 and 0.999.
    """

    learning_rate: float = 3e-4
    momentum: float = 0.9
    second_moment: float = 0.999
    weight_decay: float = 0.0

    def __post_init__(self) -> None:
        require_sensible(self)

    def __call__(self, recipe: Recipe) -> Recipe:
        return use_optimizer(recipe, self)

    def build(self, groups: ParameterGroups) -> Optimizer:
        return Adam(self.learning_rate, self.momentum, self.second_moment, self.weight_decay).build(groups)
