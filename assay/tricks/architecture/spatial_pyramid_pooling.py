"""Spatial pyramid pooling: the last layer sees the strongest answers in 1x1, 2x2 and 4x4 cells of the image.

    features = maxima of each channel in 1 + 4 + 16 cells: 21 numbers, in place of one average

The image may still have any size, and the last layer learns where in it something was. The detectors' form,
running maxima of three sizes side by side, is `assay.models.pyramid_pooling.StackedPools`.

Also: SPP.
Source: He et al. 2014 (arXiv:1406.4729), section 2.2.
Measured: no figure read by us.
Hurts: where place says nothing: the last layer has 21 times the weights to overfit with.
"""

from __future__ import annotations

from dataclasses import dataclass

from assay.models.resnet import ResNet
from assay.recipe import Recipe


@dataclass(frozen=True)
class SpatialPyramidPooling:
    """Pool a ResNet's last maps over a pyramid of grids."""

    def __call__(self, recipe: Recipe) -> Recipe:
        recipe.require(isinstance(recipe.model, ResNet), self, "a ResNet")
        return recipe.set_options(self, "model", pooling="pyramid")
