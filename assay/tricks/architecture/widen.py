"""Widen: multiply the width of every layer, and cost and capacity grow with its square.

    ResNet    width of each stage * factor (the stem stays): WRN-28-10 is 10 times as wide
    ConvNet   channels of each stage * factor
    MLP       units of each hidden layer * factor

Source: Zagoruyko & Komodakis 2016 (arXiv:1605.07146), section 2; more units, more capacity: Goodfellow et al.
2016, table 11.1.
Measured: no figure read by us that isolates it. Error on CIFAR-10 of WRN-28-10 4.24 % and WRN-28-20 4.08 % under
one recipe (Loshchilov & Hutter 2016, table 1).
Hurts: time and memory by the factor's square; small training splits overfit sooner.
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


def wider(model: ModelBuilder, factor: int) -> dict[str, Any]:
    """The options that widen this architecture; none for one we do not know."""
    if isinstance(model, ResNet):
        return {"widen": model.widen * factor}
    if isinstance(model, ConvNet):
        return {"widths": tuple(width * factor for width in model.widths)}
    if isinstance(model, MLP):
        return {"hidden": tuple(units * factor for units in model.hidden)}
    return {}


@dataclass(frozen=True)
class Widen:
    """Multiply the network's widths. factor: a whole number; 1 is off."""

    factor: int = 2

    def __post_init__(self) -> None:
        require_range("factor", self.factor, 1, usual="2 is a start, 4 and 10 are published, and 1 is off")

    def __call__(self, recipe: Recipe) -> Recipe:
        options = wider(recipe.model, self.factor)
        recipe.require(bool(options), self, "a ResNet, a ConvNet or an MLP")
        return recipe.set_options(self, "model", **options)
