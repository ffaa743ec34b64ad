"""ResNet-C: three small convolutions in place of the stem's large one.

    stem    7x7 to w channels -> 3x3 of the same stride to w / 2, 3x3 to w / 2, 3x3 to w

The published ResNet-50-C is this on ResNet-B; `ResNet.imagenet(50)` is that.

Source: He et al. 2018 (arXiv:1812.01187), section 4.1, figure 2b; Szegedy et al. 2015 (arXiv:1512.00567).
Measured: ImageNet ResNet-50-B 76.66 -> 76.87 top-1, 4.1 -> 4.3 G multiply-adds (He et al. 2018, table 5).
Hurts: time: in networks for small images the stem works at full resolution, so measure its seconds too.
"""

from __future__ import annotations

from dataclasses import dataclass

from assay.models.resnet import ResNet
from assay.recipe import Recipe
from assay.tricks.architecture.resnet_d import refinements


@dataclass(frozen=True)
class ResNetC:
    """Give a ResNet a deep stem."""

    def __call__(self, recipe: Recipe) -> Recipe:
        recipe.require(isinstance(recipe.model, ResNet), self, "a ResNet")
        return recipe.set_options(self, "model", **refinements(stem=True, shortcut=False))
