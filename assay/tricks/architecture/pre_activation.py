"""Pre-activation: norm and ReLU come before each convolution, so nothing stands in the shortcuts' way.

    outputs = inputs + convolution(relu(norm(convolution(relu(norm(inputs))))))

The stem keeps its convolution only, and a norm and ReLU stand before the last pool.

Also: ResNet v2.
Source: He et al. 2016 (arXiv:1603.05027), figure 4e.
Measured: no figure read by us that isolates it. Pre-activation ResNet-56 has 6.47 % error on CIFAR-10 (median,
small-scale ablations by hysts), and wide networks are built of it.
Hurts: nothing is known to; in networks of few blocks there is little to gain.
"""

from __future__ import annotations

from dataclasses import dataclass

from assay.models.resnet import ResNet
from assay.recipe import Recipe


@dataclass(frozen=True)
class PreActivation:
    """Build a ResNet of pre-activation units."""

    def __call__(self, recipe: Recipe) -> Recipe:
        recipe.require(isinstance(recipe.model, ResNet), self, "a ResNet")
        return recipe.set_options(self, "model", unit="preactivation")
