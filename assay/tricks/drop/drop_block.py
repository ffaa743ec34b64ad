"""DropBlock: squares of feature maps are set to 0, because single pixels can be guessed from their neighbours.

    training    outputs = inputs * mask * (pixels of mask / ones in mask)
                mask = 0 in a square of `size` pixels around each seed;  seed ~ Bernoulli(rate)
                rate = probability / size^2 * height * width / ((height - size + 1) * (width - size + 1))
    evaluation  outputs = inputs

Seeds lie where their square fits into the map; a map smaller than `size` is dropped in squares of its own side. It
acts after each of the last two stages. The paper lets the probability grow over training; here it is constant.

Source: Ghiasi et al. 2018 (arXiv:1810.12890), algorithm 1 and equation 1; size 7 and probability 0.1.
Measured: CIFAR-100 error of PyramidNet-200 16.45 -> 15.73 (CutMix's repository).
Hurts: short trainings; small maps, of which one square is most.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from assay.data.specification import Specification
from assay.edit_order import at
from assay.models.branch_drop import stages_of
from assay.models.convnet import ConvNet
from assay.models.resnet import ResNet
from assay.recipe import Recipe
from assay.tricks.arguments import require_below_one, require_range

Maps = Float[Tensor, "batch channels height width"]


def seed_rate(probability: float, size: int, height: int, width: int) -> float:
    """Chance of a seed at each place where a square fits, so that about `probability` of all pixels are dropped."""
    places = (height - size + 1) * (width - size + 1)
    return min(1.0, probability / size**2 * height * width / places)


class DropBlockLayer(nn.Module):
    """Sets squares to 0 while it trains and scales the rest, so that the mean stays; draws from the global state."""

    def __init__(self, probability: float, size: int) -> None:
        super().__init__()
        self.probability = probability
        self.size = size

    def forward(self, inputs: Maps) -> Maps:
        if not self.training:
            return inputs
        height, width = inputs.shape[2:]
        size = min(self.size, height, width)
        places = (*inputs.shape[:2], height - size + 1, width - size + 1)
        rate = seed_rate(self.probability, size, height, width)
        seeds = (torch.rand(places, device=inputs.device) < rate).to(inputs.dtype)
        # Padded so, the largest seed of each window is that of any square that covers the pixel.
        mask = 1.0 - F.max_pool2d(F.pad(seeds, (size - 1,) * 4), size, stride=1)
        return inputs * mask * (mask.numel() / mask.sum(dtype=torch.float32).clamp(min=1.0)).to(inputs.dtype)


def drop_blocks(model: nn.Module, specification: Specification, *, probability: float, size: int) -> nn.Module:
    """Model edit: after each of the last two stages."""
    for stage in stages_of(model)[-2:]:
        stage.append(DropBlockLayer(probability, size))
    return model


@dataclass(frozen=True)
class DropBlock:
    """Drop squares of feature maps. probability: share of pixels dropped, in [0, 1); size: side of the squares."""

    probability: float = 0.1
    size: int = 7
    images_only: ClassVar[bool] = True

    def __post_init__(self) -> None:
        require_range("size", self.size, 1, usual="7 is usual for maps of 14 pixels and more, 3 for smaller ones")
        require_below_one("probability", self.probability, usual="0.1 is usual, and 0 turns it off")

    def __call__(self, recipe: Recipe) -> Recipe:
        recipe.require(isinstance(recipe.model, ResNet | ConvNet), self, "a ResNet or a ConvNet")
        if not self.probability:
            return recipe
        edit = partial(drop_blocks, probability=self.probability, size=self.size)
        return recipe.add(model_edits=at("layers", edit))
