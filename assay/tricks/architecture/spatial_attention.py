"""Spatial attention: each residual branch weighs every value by the channels of its pixel.

    outputs = x * sigmoid(1x1 convolution of x)             x: what the branch gives

It is the form of YOLOv4; the one it modifies has one weight a pixel. `assay.models.spatial_attention` has
the layer.

Source: Bochkovskiy et al. 2020 (arXiv:2004.10934), section 3; Woo et al. 2018 (arXiv:1807.06521).
Measured: no figure read by us.
Hurts: size: as many weights as one more 1x1 convolution in each block.
"""

from __future__ import annotations

from dataclasses import dataclass

from assay.models.resnet import ResNet
from assay.recipe import Recipe


@dataclass(frozen=True)
class SpatialAttention:
    """End each residual branch of a ResNet in spatial attention."""

    def __call__(self, recipe: Recipe) -> Recipe:
        recipe.require(isinstance(recipe.model, ResNet), self, "a ResNet")
        return recipe.set_options(self, "model", attention="spatial")
