"""He initialisation: twice the variance of a linear layer's, for the half that ReLU takes away.

    weight ~ N(0, 2 / ((1 + slope ^ 2) * fan))
    fan in    keeps the scale of outputs from layer to layer
    fan out   keeps the scale of gradients

slope is that of a leaky ReLU below 0. Biases stay: `ReluBias` and `OutputBiasInit` set them.

Also: Kaiming initialisation, MSRA initialisation.
Source: He et al. 2015 (arXiv:1502.01852), equations 10, 14 and 15.
Measured: no figure read by us.
Hurts: linear outputs without a norm, whose scale it doubles; ConvNet and ResNet draw convolutions by fan out
anyway, so that there only the linear layer and the choice of fan change.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial

from torch import nn

from assay.edit_order import at
from assay.models.weight_layers import FannedWeight, weight_edit
from assay.recipe import Recipe
from assay.tricks.arguments import require_choice, require_range

FANS = ("in", "out")


def he_deviation(fan: int, *, slope: float = 0.0) -> float:
    """The deviation that keeps a scale through a leaky ReLU of this slope."""
    return math.sqrt(2.0 / ((1.0 + slope**2) * fan))


def draw_he(weight: FannedWeight, *, fan: str, slope: float) -> None:
    """Fill one weight in place."""
    count = weight.fan_in if fan == "in" else weight.fan_out
    nn.init.normal_(weight.values, 0.0, he_deviation(count, slope=slope))


@dataclass(frozen=True)
class HeInit:
    """Draw the weights of linear, convolutional and recurrent layers.

    fan: "in" or "out"; slope: in [0, 1]; 0 is ReLU, 1 a linear network.
    """

    fan: str = "in"
    slope: float = 0.0

    def __post_init__(self) -> None:
        require_choice("fan", self.fan, FANS)
        require_range("slope", self.slope, 0.0, 1.0, usual="0 is ReLU, 0.01 the usual leaky one")

    def __call__(self, recipe: Recipe) -> Recipe:
        edit = weight_edit(partial(draw_he, fan=self.fan, slope=self.slope))
        return recipe.claim(self, "first weights").add(model_edits=at("weights", edit))
