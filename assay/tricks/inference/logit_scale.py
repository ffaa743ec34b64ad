"""Logit scale: the network's outputs are multiplied by a constant, in training and after.

    outputs = factor * network(inputs)

A factor below 1 starts training from flatter answers and divides the last layer's gradient; the last layer may
grow to make up for it. It is another parametrisation, not another set of functions.

Source: Jordan 2024 (arXiv:2404.00498), whose CIFAR-10 network multiplies by 1/9.
Measured: no figure read by us isolates it.
Hurts: recipes whose learning rate was tuned without it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from torch import Tensor, nn

from assay.data.specification import Specification
from assay.edit_order import at
from assay.recipe import Recipe
from assay.tricks.arguments import require_finite_above_zero


class ScaledNetwork(nn.Module):
    """A network whose outputs are multiplied by a constant."""

    def __init__(self, network: nn.Module, factor: float) -> None:
        super().__init__()
        self.network = network
        self.factor = factor

    def forward(self, inputs: Tensor) -> Tensor:
        return self.factor * self.network(inputs)


def scale_outputs(model: nn.Module, specification: Specification, *, factor: float) -> nn.Module:
    """Model edit: wrap the network; at factor 1 it stays as it is."""
    return model if factor == 1.0 else ScaledNetwork(model, factor)


@dataclass(frozen=True)
class LogitScale:
    """Multiply the outputs. factor: above 0; airbench uses 1/9, and 1 turns it off."""

    factor: float = 1 / 9

    def __post_init__(self) -> None:
        require_finite_above_zero("factor", self.factor, usual="1/9 is usual, and 1 turns it off")

    def __call__(self, recipe: Recipe) -> Recipe:
        return recipe.add(model_edits=at("scale of outputs", partial(scale_outputs, factor=self.factor)))
