"""Cross-stage partial: in each stage half the channels go through the blocks and half go round them.

    stage = transition(concatenate(leave(blocks(enter(x))), bypass(x)))         x: after the stage's stride

Blocks are half as wide, so they cost a quarter; the stride moves to a 3x3 convolution before them.
`assay.models.cross_stage_partial` has the stage.

Also: CSP.
Source: Wang et al. 2019 (arXiv:1911.11929), section 3.1.
Measured: no figure read by us that isolates it. CSPResNeXt-50 has 77.9 and CSPDarknet-53 77.2 top-1 on ImageNet,
without tricks (Mish and CSPNet repositories).
Hurts: shallow networks: with a block or two a stage, the 1x1 convolutions cost more than the blocks save.
"""

from __future__ import annotations

from dataclasses import dataclass

from assay.models.resnet import ResNet
from assay.recipe import Recipe


@dataclass(frozen=True)
class CrossStagePartial:
    """Lead half the channels of each stage of a ResNet round its blocks."""

    def __call__(self, recipe: Recipe) -> Recipe:
        recipe.require(isinstance(recipe.model, ResNet), self, "a ResNet")
        return recipe.set_options(self, "model", cross_stage_partial=True)
