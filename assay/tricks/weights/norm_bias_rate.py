"""Norm bias rate: the shifts of normalisation layers learn many times faster than the rest.

    bias <- bias before the update + factor * (bias after it - bias before it)

For every optimiser whose step is proportional to its learning rate, which is all here but L-BFGS, this is a learning
rate of `factor` times the others' for these biases; decoupled decay of them is as much stronger.

Source: Jordan 2024, "94% on CIFAR-10 in 3.29 Seconds on a Single GPU" (arXiv:2404.00498), after Page's 2019 series
on training ResNets.
Measured: no figure read by us for the rate alone; factor 64 is part of airbench94 (CIFAR-10 to 94.01 % in 9.9 epochs).
Hurts: adaptive optimisers, whose steps are as long as the rate: 64 times that is far for a bias.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from assay.recipe import Recipe
from assay.schedule import Clock
from assay.tricks.arguments import require_range


def norm_biases(model: nn.Module) -> Iterator[tuple[str, nn.Parameter]]:
    """The trainable shifts of all normalisation layers, by name: biases beside a vector of scales."""
    for name, module in model.named_modules():
        own = dict(module.named_parameters(recurse=False))
        if "bias" in own and own["bias"].requires_grad and "weight" in own and own["weight"].ndim == 1:
            yield f"{name}.bias", own["bias"]


@dataclass(frozen=True)
class NormBiasRate:
    """Multiply the updates of norms' biases. It is its own weight edit.

    factor: at least 0; airbench's 64; 1 turns it off.
    """

    factor: float = 64.0

    def __post_init__(self) -> None:
        require_range("factor", self.factor, 0.0, usual="the usual value is 64, and 1 turns it off")

    def __call__(self, recipe: Recipe) -> Recipe:
        return recipe.add(weight_edits=self)

    def start(self, model: nn.Module) -> dict[str, Tensor]:
        """The biases before the next update."""
        return {name: bias.detach().clone() for name, bias in norm_biases(model)}

    @torch.no_grad()
    def edit(self, state: dict[str, Tensor], model: nn.Module, clock: Clock) -> None:
        """Lengthen the update that was just made."""
        for name, bias in norm_biases(model):
            if self.factor != 1.0:
                bias.copy_(state[name] + self.factor * (bias - state[name]))
            state[name].copy_(bias)
