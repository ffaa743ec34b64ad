"""Decoupled SGD: momentum without weight decay in the velocity; weights shrink by themselves (SGDW).

    weight   <- weight * (1 - learning_rate * weight_decay)
    velocity <- momentum * velocity + gradient
    weight   <- weight - learning_rate * velocity     (Nesterov: gradient + momentum * velocity)

The decay is multiplied by the learning rate, as PyTorch's AdamW has it; the paper multiplies it by the schedule's
factor alone, so its number is ours times the base learning rate.

Also: SGDW.
Source: Loshchilov & Hutter 2017 (arXiv:1711.05101), algorithm 1.
Measured: no figure read by us for SGDW alone; airbench94 trains CIFAR-10 to 94.01 % in 9.9 epochs with Nesterov
momentum 0.85 and a decoupled decay, among other tricks.
Hurts: a decay copied from SGD acts 1 / (1 - momentum) times weaker, as the velocity does not repeat it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch.optim import Optimizer

from assay.optimizers import ParameterGroups, require_sensible
from assay.recipe import Recipe
from assay.tricks.optimizer_slot import use_optimizer


class SGDW(Optimizer):
    """SGD with momentum whose decay is outside the velocity."""

    def __init__(
        self, groups: ParameterGroups, *, lr: float, momentum: float, weight_decay: float, nesterov: bool
    ) -> None:
        super().__init__(groups, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay, "nesterov": nesterov})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:
        """Update every parameter that has a gradient."""
        for group in self.param_groups:
            parameters = [p for p in group["params"] if p.grad is not None]
            if not parameters:
                continue
            gradients = [p.grad for p in parameters]
            velocities = [self._velocity(p) for p in parameters]
            torch._foreach_mul_(velocities, group["momentum"])
            torch._foreach_add_(velocities, gradients)
            directions = velocities
            if group["nesterov"]:
                directions = torch._foreach_add(gradients, velocities, alpha=group["momentum"])
            torch._foreach_mul_(parameters, 1.0 - group["lr"] * group["weight_decay"])
            torch._foreach_add_(parameters, directions, alpha=-group["lr"])

    def _velocity(self, parameter: torch.Tensor) -> torch.Tensor:
        state = self.state[parameter]
        if "velocity" not in state:
            state["velocity"] = torch.zeros_like(parameter)
        return state["velocity"]


@dataclass(frozen=True)
class DecoupledSGD:
    """Train with SGDW. It fills the slot with itself.

    weight_decay: at least 0; usual 5e-4 to 0.05, larger for shorter trainings.
    """

    learning_rate: float = 0.1
    momentum: float = 0.9
    weight_decay: float = 5e-3
    nesterov: bool = True
    decoupled: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require_sensible(self)

    def __call__(self, recipe: Recipe) -> Recipe:
        return use_optimizer(recipe, self)

    def build(self, groups: ParameterGroups) -> Optimizer:
        settings = {"momentum": self.momentum, "weight_decay": self.weight_decay, "nesterov": self.nesterov}
        return SGDW(groups, lr=self.learning_rate, **settings)
