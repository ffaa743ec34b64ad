"""Norm bias rate: the shifts of normalisation layers learn many times faster than the rest.

    learning rate of these biases = factor * learning_rate
    weight decay of these biases  = weight_decay / factor

What a step takes off a weight is learning_rate * weight_decay, so these biases decay as fast as all other weights.

Source: Jordan 2024, "94% on CIFAR-10 in 3.29 Seconds on a Single GPU" (arXiv:2404.00498) and its code, after Page's
2019 series on training ResNets.
Measured: no figure read by us for the rate alone; factor 64 is part of airbench94 (CIFAR-10 to 94.01 % in 9.9 epochs).
Hurts: adaptive optimisers, whose steps are as long as the rate: 64 times that is far for a bias. Refused beside
L-BFGS, which has one rate for all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from torch import nn

from assay.recipe import Recipe
from assay.tricks.arguments import require_range


def rate_of_norm_biases(module: nn.Module, name: str, parameter: nn.Parameter, *, factor: float) -> Mapping[str, float]:
    """Optimiser settings of one parameter; a norm's bias is one beside a vector of scales."""
    scales = getattr(module, "weight", None)
    if name != "bias" or not isinstance(scales, nn.Parameter) or scales.ndim != 1 or factor == 1.0:
        return {}
    return {"learning_rate_factor": factor} | ({"weight_decay_factor": 1.0 / factor} if factor else {})


@dataclass(frozen=True)
class NormBiasRate:
    """Give norms' biases a learning rate of their own.

    factor: at least 0; airbench's 64; 1 turns it off.
    """

    factor: float = 64.0

    def __post_init__(self) -> None:
        require_range("factor", self.factor, 0.0, usual="the usual value is 64, and 1 turns it off")

    def __call__(self, recipe: Recipe) -> Recipe:
        return recipe.claim(self, "rates_of_parameters").add(
            parameter_rules=partial(rate_of_norm_biases, factor=self.factor)
        )
