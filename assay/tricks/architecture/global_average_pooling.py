"""Global average pooling: the last layer sees the average of each map, not every pixel of it.

    features = average over pixels of each channel          in place of channels * height * width numbers

The last layer's weights shrink by the number of pixels, and images may have any size.

Source: Lin et al. 2013 (arXiv:1312.4400), section 3.2; Karpathy 2019, A Recipe for Training Neural Networks:
most parameters of early image networks were in fully connected layers, and an average pool replaced them.
Measured: no figure read by us.
Hurts: where it matters in which part of the image something is.
"""

from __future__ import annotations

from dataclasses import dataclass

from assay.models.abilities import flattens_maps
from assay.recipe import Recipe


@dataclass(frozen=True)
class GlobalAveragePooling:
    """Average each map before the last layer of a network that flattens them."""

    def __call__(self, recipe: Recipe) -> Recipe:
        recipe.require(flattens_maps(recipe.model), self, "a model with head='flatten'")
        return recipe.set_options(self, "model", head="average")
