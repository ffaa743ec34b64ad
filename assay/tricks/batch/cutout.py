"""Cutout: hide a square of each image, so that no single part of the object decides.

    inputs[row, column] = 0  where  top <= row < top + size  and  left <= column < left + size

The square's centre is uniform over the image's pixels, so squares may reach over the border. It acts
after normalisation: 0 is the channel's mean. Targets stay.

Source: DeVries & Taylor 2017, section 3 (arXiv:1708.04552).
Measured: CIFAR-10 ResNet-18 4.72 -> 3.99 % error (DeVries & Taylor 2017), 26 2x96d shake-shake 2.86 ->
2.56 (the authors' repository); ImageNet ResNet-50 23.68 -> 22.93 % (Yun et al. 2019).
Hurts: CIFAR-100 PyramidNet-200 16.45 -> 16.53 % error, detection after pre-training 75.6 -> 75.0 mAP
(Yun et al. 2019); CUB-200 VGG-16 from scratch loses 1 point (weiaicunzai's repository of the bag of tricks).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import torch
from jaxtyping import Float, Int
from torch import Tensor

from assay.recipe import Recipe
from assay.schedule import Clock
from assay.tricks.arguments import require_images, require_range


def cut_squares(
    images: Float[Tensor, "batch channels height width"],
    rows: Int[Tensor, " batch"],
    columns: Int[Tensor, " batch"],
    *,
    size: int,
) -> Float[Tensor, "batch channels height width"]:
    """Set to 0 the square of side `size` centred at (row, column), clipped at the border.

    An even square reaches one pixel further up and left than down and right.
    """
    inside_rows = _inside(rows, images.shape[2], size)
    inside_columns = _inside(columns, images.shape[3], size)
    shown = ~(inside_rows[:, :, None] & inside_columns[:, None, :])
    # A product is twice as fast as masked_fill with a mask that is shared by the channels.
    return images * shown[:, None].to(images)


def _inside(centers: Tensor, length: int, size: int) -> Tensor:
    """(batch, length) whether each position lies in the square's span."""
    first = centers.cpu()[:, None] - size // 2
    position = torch.arange(length)
    return (position >= first) & (position < first + size)


def edit_squares(
    inputs: Tensor, targets: Tensor, generator: torch.Generator, clock: Clock, *, size: int
) -> tuple[Tensor, Tensor]:
    """Batch edit: a fresh square for every image; targets unchanged."""
    require_images(inputs, "Cutout")
    rows = torch.randint(0, inputs.shape[2], (len(inputs),), generator=generator)
    columns = torch.randint(0, inputs.shape[3], (len(inputs),), generator=generator)
    return cut_squares(inputs, rows, columns, size=size), targets


@dataclass(frozen=True)
class Cutout:
    """Hide one square of each image. size: its side in pixels; 16 for CIFAR-10, 8 for small objects."""

    images_only: ClassVar[bool] = True
    size: int = 8

    def __post_init__(self) -> None:
        require_range("size", self.size, 0, usual="8 to 16 is usual for 32-pixel images, and 0 turns it off")

    def __call__(self, recipe: Recipe) -> Recipe:
        return recipe.add(batch_edits=partial(edit_squares, size=self.size))
