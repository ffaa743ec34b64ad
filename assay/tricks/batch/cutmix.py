"""CutMix: paste a box of another image and mix the targets by area: cutout that wastes no pixels.

    keep    ~ Beta(alpha, alpha), one for the batch; the box has sides sqrt(1 - keep) * (height, width)
              around a uniform centre, clipped at the border; in an image of one row or column 1 - keep of its length
    inputs[box] = inputs[partner][box]
    targets = (1 - share) * targets + share * targets[partner],  share = pixels in box / (height * width)

Source: Yun et al. 2019, section 3.1 (arXiv:1905.04899).
Measured: ImageNet ResNet-50 23.68 -> 21.40 % error, CIFAR-100 PyramidNet-200 16.45 -> 14.23 % (Yun et al.
2019); CSPResNeXt-50 only 77.9 -> 78.0 top-1 (Bochkovskiy et al. 2020).
Hurts: together with mixup (CSPResNeXt-50 77.9 -> 77.7 top-1, CSPNet's repository); objects much smaller than the box.
MixupOrCutMix takes one of the two for each batch.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import torch
from jaxtyping import Float, Int
from torch import Tensor

from assay.recipe import Recipe
from assay.schedule import Clock
from assay.tricks.arguments import require_images, require_range, require_rows
from assay.tricks.beta import SMALLEST_ALPHA, draw_beta

Box = tuple[int, int, int, int]
"""top, bottom, left, right; bottom and right are outside."""


def cutmix(
    images: Float[Tensor, "batch channels height width"],
    targets: Float[Tensor, "batch classes"],
    partner: Int[Tensor, " batch"],
    *,
    box: Box,
) -> tuple[Float[Tensor, "batch channels height width"], Float[Tensor, "batch classes"]]:
    """Paste the partner's box into each image; targets mix by the box's exact share of pixels.

    Raises:
        ValueError: the box is not inside the images, or targets are class numbers.
    """
    require_rows(targets)
    partner, (height, width) = partner.to(images.device), images.shape[2:]
    top, bottom, left, right = box
    if not (0 <= top <= bottom <= height and 0 <= left <= right <= width):
        raise ValueError(
            f"box must be (top, bottom, left, right) inside {height}x{width} images, got {box}; draw_box draws one"
        )
    pasted = images.clone()
    pasted[:, :, top:bottom, left:right] = images[:, :, top:bottom, left:right].index_select(0, partner)
    share = (bottom - top) * (right - left) / (height * width)
    return pasted, torch.lerp(targets, targets[partner], share)


def draw_box(height: int, width: int, keep: float, generator: torch.Generator) -> Box:
    """A box of about (1 - keep) of the area around a uniform centre, clipped at the border."""
    high, wide = box_sides(height, width, 1.0 - keep)
    row = int(torch.randint(0, height, (), generator=generator))
    column = int(torch.randint(0, width, (), generator=generator))
    return *_span(row, high, height), *_span(column, wide, width)


def box_sides(height: int, width: int, area: float) -> tuple[int, int]:
    """Height and width of a box with this share of the area, rounded down."""
    # The root of a single row would always be less than a row, and nothing would ever be pasted.
    if height == 1:
        return 1, int(width * area)
    if width == 1:
        return int(height * area), 1
    return int(height * math.sqrt(area)), int(width * math.sqrt(area))


def _span(center: int, side: int, limit: int) -> tuple[int, int]:
    first = center - side // 2
    return max(first, 0), min(first + side, limit)


def edit_cutmix(
    inputs: Tensor, targets: Tensor, generator: torch.Generator, clock: Clock, *, alpha: float, probability: float
) -> tuple[Tensor, Tensor]:
    """Batch edit: with `probability`, draw one box and one permutation, and paste."""
    require_images(inputs, "CutMix")
    if float(torch.rand((), generator=generator)) >= probability:
        return inputs, targets
    box = draw_box(inputs.shape[2], inputs.shape[3], draw_beta(alpha, generator), generator)
    return cutmix(inputs, targets, torch.randperm(len(inputs), generator=generator), box=box)


@dataclass(frozen=True)
class CutMix:
    """Paste boxes between images. alpha: evenness of the shares; probability: of batches; CIFAR 0.5, ImageNet 1."""

    images_only: ClassVar[bool] = True
    alpha: float = 1.0
    probability: float = 0.5

    def __post_init__(self) -> None:
        require_range("alpha", self.alpha, SMALLEST_ALPHA, usual="1 (every box size equally likely) is usual")
        require_range("probability", self.probability, 0.0, 1.0, usual="0.5 is usual, and 0 turns it off")

    def __call__(self, recipe: Recipe) -> Recipe:
        recipe.require(recipe.task == "classification", self, "a classification task")
        # A box of an image that is pasted together itself holds other shares than its target says.
        recipe = recipe.claim(self, "pasted_boxes")
        return recipe.add(batch_edits=partial(edit_cutmix, alpha=self.alpha, probability=self.probability))
