"""ResNet-D: no downsampling step of the network throws pixels away unseen.

    stem       one wide convolution -> three 3x3 convolutions of half, half and full width (ResNet-C)
    shortcut   1x1 convolution of stride 2, which sees 1 pixel in 4 -> 2x2 average, then 1x1 of stride 1;
               a bottleneck strides in its 3x3 convolution, not in its 1x1 (ResNet-B)

Source: He et al. 2018 (arXiv:1812.01187), section 4.1, figure 2.
Measured: ImageNet ResNet-50 top-1 (G multiply-adds): A 76.21 (3.8), B 76.66 (4.1), C 76.87 (4.3),
D 77.16 (4.3); D is 3 % slower than A in training (He et al. 2018, table 5 and section 4.2).
Hurts: time: in networks for small images the stem works at full resolution, so measure its seconds too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from assay.models.resnet import ResNet
from assay.recipe import Recipe


def refinements(*, stem: bool, shortcut: bool) -> dict[str, Any]:
    """The options of `ResNet` that make the stem that of ResNet-C, the downsampling that of ResNet-D, or both."""
    return {**({"deep_stem": True} if stem else {}), **({"downsampling": "D"} if shortcut else {})}


@dataclass(frozen=True)
class ResNetD:
    """Refine a ResNet. stem: three small convolutions for its first; shortcut: average before it strides."""

    stem: bool = True
    shortcut: bool = True

    def __call__(self, recipe: Recipe) -> Recipe:
        recipe.require(isinstance(recipe.model, ResNet), self, "a ResNet")
        return recipe.set_options(self, "model", **refinements(stem=self.stem, shortcut=self.shortcut))
