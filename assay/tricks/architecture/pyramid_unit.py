"""Pyramid unit: a pre-activation unit without its first ReLU, and with a norm at its end.

    outputs = inputs + norm(convolution(relu(norm(convolution(norm(inputs))))))

Only the unit is PyramidNet's: stages here keep doubling their widths.

Source: Han et al. 2016 (arXiv:1610.02915).
Measured: CIFAR-10 pre-activation ResNet-56, error 6.47 -> 5.85 % (medians, small-scale ablations by hysts).
Hurts: nothing is known to; memory grows by the maps of one norm more a block.
"""

from __future__ import annotations

from dataclasses import dataclass

from assay.models.resnet import ResNet
from assay.recipe import Recipe


@dataclass(frozen=True)
class PyramidUnit:
    """Build a ResNet of pyramid units."""

    def __call__(self, recipe: Recipe) -> Recipe:
        recipe.require(isinstance(recipe.model, ResNet), self, "a ResNet")
        return recipe.set_options(self, "model", unit="pyramid")
