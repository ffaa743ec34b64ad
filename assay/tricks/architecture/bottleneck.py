"""Bottleneck: residual blocks compute their 3x3 convolution on a quarter of their channels.

    3x3, 3x3  ->  1x1 to w channels, 3x3, 1x1 to 4 w

As many blocks as before, each a layer deeper: depth 6n + 2 -> 9n + 2, 18 -> 26, 34 -> 50. Maps have four times the
channels; divide the width by 4 to keep their size.

Source: He et al. 2015 (arXiv:1512.03385), section 4.1, figure 5.
Measured: no figure read by us that isolates it; ImageNet ResNet-50 has 75.3 top-1 at 3.9 G multiply-adds
(as quoted in He et al. 2018, table 1).
Hurts: memory: maps have four times the channels at the same width.
"""

from __future__ import annotations

from dataclasses import dataclass

from assay.models.resnet import ResNet
from assay.recipe import Recipe


def deepen_blocks(depth: int) -> int:
    """The depth of a network with bottlenecks in place of as many basic blocks."""
    return (depth - 2) // 2 * 3 + 2


@dataclass(frozen=True)
class Bottleneck:
    """Build a ResNet of bottlenecks, as many as it has basic blocks."""

    def __call__(self, recipe: Recipe) -> Recipe:
        model = recipe.model
        depth = deepen_blocks(model.depth) if isinstance(model, ResNet) and model.block == "basic" else None
        recipe.require(depth is not None, self, "a ResNet with block='basic'")
        return recipe.set_options(self, "model", block="bottleneck", depth=depth)
