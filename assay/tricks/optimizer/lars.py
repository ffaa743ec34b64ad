"""LARS: each layer steps in proportion to the norm of its weights, whatever the norm of its gradient.

    trust    =  coefficient * norm(weight) / (norm(gradient) + weight_decay * norm(weight))
    velocity <- momentum * velocity + learning_rate * trust * (gradient + weight_decay * weight)
    weight   <- weight - velocity

trust is 1 where either norm is 0, and for biases and norms (parameters of one dimension), whose own norms say
nothing about a good step. As in the paper the learning rate is inside the velocity.

Source: You et al. 2017 (arXiv:1708.03888), algorithm 1.
Measured: CIFAR-10 ResNet-preact-20 error at batch 4096: 10.20 -> 8.21 % (hysts/pytorch_image_classification).
Hurts: nothing is gained at usual batch sizes; vectors step at the plain learning rate, which here is the large one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor
from torch.optim import Optimizer

from assay.optimizers import ParameterGroups, require_sensible
from assay.recipe import Recipe
from assay.tricks.arguments import require_range
from assay.tricks.optimizer_slot import use_optimizer


def trust_ratio(
    weight: Float[Tensor, "*shape"], gradient: Float[Tensor, "*shape"], *, coefficient: float, weight_decay: float
) -> Float[Tensor, ""]:
    """How much of the learning rate this layer uses; 1 where a norm is 0."""
    size, slope = torch.linalg.vector_norm(weight), torch.linalg.vector_norm(gradient)
    ratio = coefficient * size / (slope + weight_decay * size)
    return torch.where((size > 0) & (slope > 0), ratio, torch.ones_like(size))


class LARSOptimizer(Optimizer):
    """SGD with momentum and a rate for each layer."""

    def __init__(
        self, groups: ParameterGroups, *, lr: float, momentum: float, weight_decay: float, coefficient: float
    ) -> None:
        settings = {"lr": lr, "momentum": momentum, "weight_decay": weight_decay, "coefficient": coefficient}
        super().__init__(groups, settings)

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:
        """Update every parameter that has a gradient."""
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    self._update(parameter, parameter.grad, group)

    def _update(self, parameter: Tensor, gradient: Tensor, group: dict[str, Any]) -> None:
        decay, step = group["weight_decay"], gradient
        if decay:
            step = gradient.add(parameter, alpha=decay)
        if parameter.ndim > 1:
            step = step * trust_ratio(parameter, gradient, coefficient=group["coefficient"], weight_decay=decay)
        state = self.state[parameter]
        if "velocity" not in state:
            state["velocity"] = torch.zeros_like(parameter)
        state["velocity"].mul_(group["momentum"]).add_(step, alpha=group["lr"])
        parameter.sub_(state["velocity"])


@dataclass(frozen=True)
class LARS:
    """Train with LARS. It fills the slot with itself.

    learning_rate: larger than SGD's, as it is multiplied by `coefficient`. coefficient: the paper's 0.001; 0 holds
    all matrices still.
    """

    learning_rate: float = 1.0
    momentum: float = 0.9
    weight_decay: float = 1e-4
    coefficient: float = 0.001

    def __post_init__(self) -> None:
        require_sensible(self)
        require_range("coefficient", self.coefficient, 0.0, usual="the usual value is 0.001")

    def __call__(self, recipe: Recipe) -> Recipe:
        return use_optimizer(recipe, self)

    def build(self, groups: ParameterGroups) -> Optimizer:
        settings = {"momentum": self.momentum, "weight_decay": self.weight_decay, "coefficient": self.coefficient}
        return LARSOptimizer(groups, lr=self.learning_rate, **settings)
