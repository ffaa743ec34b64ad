"""Squeeze and excitation: each residual branch weighs its channels by what the whole image shows.

    outputs = x * sigmoid(linear(relu(linear(average of x over pixels))))       x: what the branch gives

The hidden layer has a sixteenth of the channels, at least 4. `assay.models.squeeze_excitation` has the layer.

Also: SE block, channel attention.
Source: Hu et al. 2017 (arXiv:1709.01507), section 3.
Measured: ImageNet ResNet-50 75.3 -> 76.71 top-1, 92.2 -> 93.38 top-5 at 3.9 G multiply-adds either way
(both as quoted in He et al. 2018, table 1).
Hurts: time, more than its multiply-adds say: many small operations in a row.
"""

from __future__ import annotations

from dataclasses import dataclass

from assay.models.resnet import ResNet
from assay.recipe import Recipe


@dataclass(frozen=True)
class SqueezeExcitation:
    """End each residual branch of a ResNet in channel attention."""

    def __call__(self, recipe: Recipe) -> Recipe:
        recipe.require(isinstance(recipe.model, ResNet), self, "a ResNet")
        return recipe.set_options(self, "model", attention="channel")
