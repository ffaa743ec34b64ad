"""Lion: every weight steps by exactly the learning rate, in the direction of a momentum's sign.

    weight <- weight * (1 - learning_rate * weight_decay)
    weight <- weight - learning_rate * sign(momentum * mean + (1 - momentum) * gradient)
    mean   <- memory * mean + (1 - memory) * gradient

One moment in place of Adam's two. Its steps are longer than Adam's, so its rate is 3 to 10 times lower and its
weight decay as many times higher.

Source: Chen et al. 2023 (arXiv:2302.06675), program 1 and section 3.
Measured: no figure read by us.
Hurts: small batches: the sign of a noisy gradient is noise of full size.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor
from torch.optim import Optimizer

from assay.optimizers import ParameterGroups, require_sensible
from assay.recipe import Recipe
from assay.tricks.optimizer_slot import use_optimizer


class LionOptimizer(Optimizer):
    """Sign of an interpolated momentum, with decoupled decay."""

    def __init__(self, groups: ParameterGroups, *, lr: float, betas: tuple[float, float], weight_decay: float) -> None:
        super().__init__(groups, {"lr": lr, "betas": betas, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:
        """Update every parameter that has a gradient."""
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    self._update(parameter, parameter.grad, group)

    def _update(self, parameter: Tensor, gradient: Tensor, group: dict[str, Any]) -> None:
        state, (momentum, memory) = self.state[parameter], group["betas"]
        if "mean" not in state:
            state["mean"] = torch.zeros_like(parameter)
        direction = state["mean"].lerp(gradient, 1.0 - momentum).sign_()
        parameter.mul_(1.0 - group["lr"] * group["weight_decay"]).add_(direction, alpha=-group["lr"])
        state["mean"].lerp_(gradient, 1.0 - memory)


@dataclass(frozen=True)
class Lion:
    """Train with Lion. It fills the slot with itself.

    memory: of the moving mean, in [0, 1); usual 0.99. weight_decay: at least 0; usual 0.1 to 1.
    """

    learning_rate: float = 1e-4
    momentum: float = 0.9
    memory: float = 0.99
    weight_decay: float = 0.1
    decoupled: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require_sensible(self)

    def __call__(self, recipe: Recipe) -> Recipe:
        return use_optimizer(recipe, self)

    def build(self, groups: ParameterGroups) -> Optimizer:
        betas = (self.momentum, self.memory)
        return LionOptimizer(groups, lr=self.learning_rate, betas=betas, weight_decay=self.weight_decay)
