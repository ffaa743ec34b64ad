"""Dropout of channels: whole feature maps are set to 0, because neighbouring pixels of one map say the same.

    training    outputs = inputs * keep / (1 - probability),  keep ~ Bernoulli(1 - probability) for each map
    evaluation  outputs = inputs

In a ResNet it acts before the last convolution of each residual branch, in a ConvNet after each stage.

Also: spatial dropout.
Source: Tompson et al. 2015 (arXiv:1411.4280), section 3.2; between the convolutions of a block: Zagoruyko &
Komodakis 2016 (arXiv:1605.07146).
Measured: no figure read by us.
Hurts: short trainings; before batch norm (Li et al. 2018, arXiv:1801.05134); narrow stages, where one map is much.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from torch import nn

from assay.data.specification import Specification
from assay.edit_order import at
from assay.models.branch_drop import residual_blocks, stages_of
from assay.models.convnet import ConvNet
from assay.models.resnet import ResNet
from assay.recipe import Recipe
from assay.tricks.arguments import require_below_one


def drop_channels(model: nn.Module, specification: Specification, *, probability: float) -> nn.Module:
    """Model edit: before the last convolution of each branch, or, in a model without branches, after each stage."""
    if any(hasattr(module, "branch") for module in model.modules()):
        for block in residual_blocks(model):
            put_before_last_convolution(block.branch, nn.Dropout2d(probability))
    else:
        for stage in stages_of(model):
            stage.append(nn.Dropout2d(probability))
    return model


def put_before_last_convolution(branch: object, layer: nn.Module) -> None:
    """Put a layer behind the one that feeds the branch's last convolution; no other layer changes its name."""
    assert isinstance(branch, nn.Sequential)
    # Other edits wrap convolutions, so they are looked for inside each part.
    last = max(number for number, part in enumerate(branch) if has_convolution(part))
    branch[last - 1] = nn.Sequential(branch[last - 1], layer)


def has_convolution(part: nn.Module) -> bool:
    """Whether it is a convolution or holds one."""
    return any(isinstance(module, nn.Conv2d) for module in part.modules())


@dataclass(frozen=True)
class Dropout2d:
    """Drop feature maps. probability: of each, in [0, 1); usual 0.05 to 0.3."""

    probability: float = 0.1
    images_only: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require_below_one("probability", self.probability, usual="0.1 is usual, and 0 turns it off")

    def __call__(self, recipe: Recipe) -> Recipe:
        recipe.require(isinstance(recipe.model, ResNet | ConvNet), self, "a ResNet or a ConvNet")
        if not self.probability:
            return recipe
        return recipe.add(model_edits=at("layers", partial(drop_channels, probability=self.probability)))
