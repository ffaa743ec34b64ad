"""ResNet-B: a bottleneck strides in its 3x3 convolution, which sees every pixel, not in its 1x1.

    A   1x1 of stride 2, 3x3, 1x1: three quarters of the maps are dropped unseen
    B   1x1, 3x3 of stride 2, 1x1

`ResNet.imagenet(50)` is B already, as PyTorch's own model library is; this trick is for networks in form A.

Source: He et al. 2018 (arXiv:1812.01187), section 4.1, figure 2a.
Measured: ImageNet ResNet-50 76.21 -> 76.66 top-1, 3.8 -> 4.1 G multiply-adds (He et al. 2018, table 5).
Hurts: time: the 3x3 convolution of a striding block reads four times the pixels.
"""

from __future__ import annotations

from dataclasses import dataclass

from assay.models.resnet import ResNet
from assay.recipe import Recipe


@dataclass(frozen=True)
class ResNetB:
    """Move the stride of bottlenecks from their first to their second convolution."""

    def __call__(self, recipe: Recipe) -> Recipe:
        model, need = recipe.model, "a ResNet with block='bottleneck' and downsampling='A'"
        recipe.require(isinstance(model, ResNet), self, need)
        assert isinstance(model, ResNet)
        # First, so that another trick that set the downsampling is named.
        changed = recipe.set_options(self, "model", downsampling="B")
        recipe.require((model.block, model.downsampling) == ("bottleneck", "A"), self, need)
        return changed
