"""LeCun initialisation: sums of inputs of variance 1 have variance 1.

    weight ~ N(0, 1) / sqrt(fan_in)

Biases stay: `ReluBias` and `OutputBiasInit` set them.

Source: LeCun et al. 1998, "Efficient BackProp", section 4.6; Wei 2015, "Must Know Tips/Tricks in Deep Neural
Networks", section 3.
Measured: no figure read by us.
Hurts: deep ReLU networks without norm, whose outputs lose half their variance in every layer; He's is for them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from torch import nn

from assay.edit_order import at
from assay.models.weight_layers import FannedWeight, weight_edit
from assay.recipe import Recipe


def draw_lecun(weight: FannedWeight) -> None:
    """Fill one weight in place."""
    nn.init.normal_(weight.values, 0.0, 1.0 / math.sqrt(weight.fan_in))


@dataclass(frozen=True)
class LecunInit:
    """Draw the weights of linear, convolutional and recurrent layers. `SELU` is made for it."""

    def __call__(self, recipe: Recipe) -> Recipe:
        return recipe.claim(self, "first weights").add(model_edits=at("weights", weight_edit(draw_lecun)))
