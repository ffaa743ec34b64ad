"""Leaky ReLU: a small slope below 0, so that a unit that is off still learns.

    outputs = inputs                where inputs >= 0
            = slope * inputs        elsewhere

Source: Maas et al. 2013, "Rectifier nonlinearities improve neural network acoustic models".
Measured: no figure read by us against ReLU; against Mish, ImageNet CSPResNeXt-50 77.9 (leaky) and 78.9 top-1
(Mish's README).
Hurts: no case read by us; a slope near 1 leaves a linear network.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from torch import nn

from assay.recipe import Recipe
from assay.tricks.activation_swap import swap_activations
from assay.tricks.arguments import require_range


@dataclass(frozen=True)
class LeakyReLU:
    """Replace every activation by `torch.nn.LeakyReLU`. slope: in [0, 1]; usual 0.01; 0 is ReLU."""

    slope: float = 0.01

    def __post_init__(self) -> None:
        require_range("slope", self.slope, 0.0, 1.0, usual="0.01 is usual, and 0 is ReLU")

    def __call__(self, recipe: Recipe) -> Recipe:
        return swap_activations(recipe, self, partial(nn.LeakyReLU, self.slope))
