"""Swish: inputs gated by themselves; smooth, and not monotone below 0.

    outputs = inputs * sigmoid(beta * inputs)

beta 1 is SiLU; beta 0 is half the inputs, a linear network; a large beta comes close to ReLU.

Also: SiLU.
Source: Ramachandran et al. 2017 (arXiv:1710.05941), section 4.
Measured: ImageNet top-1 + 0.9 on Mobile NASNet-A and + 0.6 on Inception-ResNet-v2 against ReLU (Ramachandran
et al. 2017); PeleeNet 70.7 (leaky) -> 71.5 (Mish's README).
Hurts: ImageNet CSPResNeXt-50, 77.9 (leaky) -> 64.5 top-1 (Mish's README); time, against ReLU.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from torch import nn

from assay.models.activations import SwishLayer
from assay.recipe import Recipe
from assay.tricks.activation_swap import swap_activations
from assay.tricks.arguments import require_range


@dataclass(frozen=True)
class Swish:
    """Replace every activation by Swish. beta: how sharp the gate is, at least 0; usual 1."""

    beta: float = 1.0

    def __post_init__(self) -> None:
        require_range("beta", self.beta, 0.0, usual="1 is usual")

    def __call__(self, recipe: Recipe) -> Recipe:
        # PyTorch's own kernel does in one pass what the formula does in three.
        make = nn.SiLU if self.beta == 1.0 else partial(SwishLayer, self.beta)
        return swap_activations(recipe, self, make)
