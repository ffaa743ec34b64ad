"""Muon: momentum for matrices, made orthogonal before it is used; AdamW for all other parameters.

    mean   <- momentum * mean + (1 - momentum) * gradient
    step   =  orthogonalise((1 - momentum) * gradient + momentum * mean)
    weight <- weight * (1 - learning_rate * weight_decay)
    weight <- weight - learning_rate * sqrt(max(1, rows / columns)) * step

orthogonalise brings all singular values near 1 by five steps of X <- a X + (b A + c A^2) X with A = X X^T and
(a, b, c) = (3.4445, -4.7750, 2.0315). A convolution's weight counts as a matrix with one row per output channel.
The last matrix is the output layer; it, biases, norms and single weights follow AdamW at
`others_factor * learning_rate`.

Source: Jordan et al. 2024, "Muon: An optimizer for hidden layers in neural networks"; PyTorch's `Muon`, which takes
matrices only and nothing beside them.
Measured: no figure read by us.
Hurts: five products of matrices for each layer and step: dear for small batches of large layers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from jaxtyping import Float
from torch import Tensor
from torch.optim import Optimizer

from assay.optimizers import ParameterGroups, require_sensible
from assay.recipe import Recipe
from assay.tricks.arguments import require_range
from assay.tricks.optimizer_slot import use_optimizer

COEFFICIENTS, ROUNDS = (3.4445, -4.7750, 2.0315), 5
EPSILON = 1e-8
ADAM_MOMENTUM, ADAM_SECOND_MOMENT = 0.9, 0.999


def orthogonalise(matrix: Float[Tensor, "rows columns"]) -> Float[Tensor, "rows columns"]:
    """Nearly U V^T of the matrix's U S V^T: singular values end between about 0.7 and 1.2."""
    a, b, c = COEFFICIENTS
    # Rounding does not matter here, and GPUs multiply bf16 several times as fast.
    x = matrix.bfloat16() if matrix.is_cuda else matrix
    tall = x.size(0) > x.size(1)
    x = x.T if tall else x
    x = x / x.norm().clamp(min=1e-7)
    for _ in range(ROUNDS):
        products = x @ x.T
        x = a * x + (b * products + c * products @ products) @ x
    return (x.T if tall else x).to(matrix.dtype)


class MuonWithAdamW(Optimizer):
    """One optimiser for two kinds of groups: those whose `matrix` is set follow Muon, the others AdamW."""

    def __init__(self, groups: ParameterGroups, *, lr: float, momentum: float, weight_decay: float) -> None:
        super().__init__(groups, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay, "matrix": False})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:
        """Update every parameter that has a gradient."""
        for group in self.param_groups:
            update = self._update_matrix if group["matrix"] else self._update_other
            for parameter in group["params"]:
                if parameter.grad is not None:
                    parameter.mul_(1.0 - group["lr"] * group["weight_decay"])
                    update(parameter, parameter.grad, group)

    def _update_matrix(self, parameter: Tensor, gradient: Tensor, group: dict[str, Any]) -> None:
        state, momentum = self.state[parameter], group["momentum"]
        if "mean" not in state:
            state["mean"] = torch.zeros_like(parameter)
        mean = state["mean"].lerp_(gradient, 1.0 - momentum)
        step = orthogonalise(gradient.lerp(mean, momentum).flatten(1))
        rate = group["lr"] * math.sqrt(max(1.0, step.size(0) / step.size(1)))
        parameter.add_(step.view_as(parameter), alpha=-rate)

    def _update_other(self, parameter: Tensor, gradient: Tensor, group: dict[str, Any]) -> None:
        state = self.state[parameter]
        if not state:
            state.update(step=0, mean=torch.zeros_like(parameter), square=torch.zeros_like(parameter))
        state["step"] += 1
        mean = state["mean"].lerp_(gradient, 1.0 - ADAM_MOMENTUM)
        square = state["square"].mul_(ADAM_SECOND_MOMENT)
        square.addcmul_(gradient, gradient, value=1.0 - ADAM_SECOND_MOMENT)
        root = (square / (1.0 - ADAM_SECOND_MOMENT ** state["step"])).sqrt_().add_(EPSILON)
        parameter.addcdiv_(mean, root, value=-group["lr"] / (1.0 - ADAM_MOMENTUM ** state["step"]))


@dataclass(frozen=True)
class Muon:
    """Train hidden matrices with Muon and the rest with AdamW. It fills the slot with itself.

    others_factor: the rest's learning rate as a multiple of the matrices'; usual 0.015 (3e-4 at 0.02).
    """

    learning_rate: float = 0.02
    momentum: float = 0.95
    weight_decay: float = 0.01
    others_factor: float = 0.015
    decoupled: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require_sensible(self)
        require_range("others_factor", self.others_factor, 0.0, usual="the usual value is 0.015")

    def __call__(self, recipe: Recipe) -> Recipe:
        return use_optimizer(recipe, self)

    def build(self, groups: ParameterGroups) -> Optimizer:
        groups = [{**group, "params": list(group["params"])} for group in groups]
        matrices = [p for group in groups for p in group["params"] if p.ndim > 1]
        hidden = {id(parameter) for parameter in matrices[:-1]}
        split = []
        for group in groups:
            chosen = [p for p in group["params"] if id(p) in hidden]
            others = [p for p in group["params"] if id(p) not in hidden]
            slower = {"lr": self.others_factor * group.get("lr", self.learning_rate)}
            split += [{**group, "params": chosen, "matrix": True}] if chosen else []
            split += [{**group, **slower, "params": others, "matrix": False}] if others else []
        return MuonWithAdamW(split, lr=self.learning_rate, momentum=self.momentum, weight_decay=self.weight_decay)
