"""Small random initialisation: weights close to 0, but not equal, so that units learn different things.

    weight ~ scale * N(0, 1)

The historic choice, whatever the layer's width. Biases stay: `ReluBias` and `OutputBiasInit` set them.

Source: Wei 2015, "Must Know Tips/Tricks in Deep Neural Networks", section 3.
Measured: no figure read by us.
Hurts: deep networks without norm: outputs and gradients shrink from layer to layer, and training stands still.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from torch import nn

from assay.edit_order import at
from assay.models.weight_layers import FannedWeight, weight_edit
from assay.recipe import Recipe
from assay.tricks.arguments import require_finite_above_zero


def draw_small(weight: FannedWeight, *, scale: float) -> None:
    """Fill one weight in place."""
    nn.init.normal_(weight.values, 0.0, scale)


@dataclass(frozen=True)
class SmallRandomInit:
    """Draw the weights of linear, convolutional and recurrent layers. scale: above 0; usual 0.001."""

    scale: float = 0.001

    def __post_init__(self) -> None:
        symmetry = "the usual value is 0.001, and at 0 all units of a layer stay equal for ever (symmetry)"
        require_finite_above_zero("scale", self.scale, usual=symmetry)

    def __call__(self, recipe: Recipe) -> Recipe:
        edit = weight_edit(partial(draw_small, scale=self.scale))
        return recipe.claim(self, "first weights").add(model_edits=at("weights", edit))
