"""Deepen: repeat every block, and cost and capacity grow in proportion.

    ResNet    blocks of each of three stages * factor: depth -> (depth - 2) * factor + 2
    ConvNet   convolutions of each stage * factor
    MLP       each hidden layer `factor` times in a row

Source: He et al. 2015 (arXiv:1512.03385), section 4.2; deeper and thinner networks generalise better and are
harder to optimise: Goodfellow et al. 2016, section 6.4.1.
Measured: CIFAR-10 ResNet-20 92.1, ResNet-56 93.6, ResNet-110 93.0 (gluon-cv): more is not always better.
Hurts: beyond some depth, as above; time in proportion; networks without shortcuts train worse.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from assay.models.builder import ModelBuilder
from assay.models.convnet import ConvNet
from assay.models.mlp import MLP
from assay.models.resnet import ResNet
from assay.recipe import Recipe
from assay.tricks.arguments import require_range


def deeper(model: ModelBuilder, factor: int) -> dict[str, Any]:
    """The options that deepen this architecture; none for one that cannot be deepened by a factor."""
    if isinstance(model, ResNet) and model.stages == 3:
        return {"depth": (model.depth - 2) * factor + 2}
    if isinstance(model, ConvNet):
        return {"blocks": model.blocks * factor}
    if isinstance(model, MLP):
        return {"hidden": tuple(units for units in model.hidden for _ in range(factor))}
    return {}


@dataclass(frozen=True)
class Deepen:
    """Multiply the number of the network's blocks. factor: a whole number; 1 is off."""

    factor: int = 2

    def __post_init__(self) -> None:
        require_range("factor", self.factor, 1, usual="2 is a start, and 1 is off")

    def __call__(self, recipe: Recipe) -> Recipe:
        options = deeper(recipe.model, self.factor)
        # With four stages the published depths are the choice.
        recipe.require(bool(options), self, "a ResNet of three stages, a ConvNet or an MLP")
        return recipe.set_options(self, "model", **options)
