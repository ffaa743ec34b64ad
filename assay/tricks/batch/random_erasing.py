"""Random erasing: some images lose a rectangle of random size and aspect, so that no part decides alone.

    with `probability`, inputs[box] = 0 (the channel's mean), or noise of deviation 1 for every pixel
    share of the box ~ U(area),  log aspect ~ U(log of aspect's ends),  at a uniform place inside the image

It acts after normalisation. A box that does not fit is drawn again; after ten attempts the image is left whole. The
paper draws height / width itself uniformly between the same ends, so most of its boxes are tall.

Source: Zhong et al. 2017, algorithm 1 (arXiv:1708.04896).
Measured: CIFAR-10 pre-activation ResNet-56 5.72 -> 5.22 % error, Fashion-MNIST ResNet-20 5.04 -> 4.61 (medians of
github.com/hysts/pytorch_image_classification).
Hurts: fine-grained classes (CUB-200, VGG-16 from scratch, loses 4 points; weiaicunzai's repository of the bag of
tricks).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from assay.recipe import Recipe
from assay.schedule import Clock
from assay.tricks.arguments import require_choice, require_images, require_range
from assay.tricks.random_boxes import draw_boxes, inside

FILLS = ("zero", "noise")


def erase(
    images: Float[Tensor, "batch channels height width"],
    erased: Bool[Tensor, "batch height width"],
    noise: Float[Tensor, "batch channels height width"] | None = None,
) -> Float[Tensor, "batch channels height width"]:
    """Zeros, or the noise, where `erased` is true."""
    erased = erased.to(images.device)[:, None]
    return images * ~erased if noise is None else torch.where(erased, noise, images)


def edit_rectangles(
    inputs: Tensor, targets: Tensor, generator: torch.Generator, clock: Clock,
    *, probability: float, area: tuple[float, float], aspect: tuple[float, float], fill: str,
) -> tuple[Tensor, Tensor]:  # fmt: skip
    """Batch edit: a fresh rectangle in a share of the images; targets unchanged."""
    require_images(inputs, "RandomErasing")
    if probability == 0.0:
        return inputs, targets
    batch, _, height, width = inputs.shape
    chosen = torch.rand(batch, generator=generator) < probability
    boxes = draw_boxes(batch, height, width, generator, share=area, aspect=aspect)
    noise = torch.randn(inputs.shape, generator=generator).to(inputs) if fill == "noise" else None
    erased = inside(boxes, height=height, width=width) & (chosen & boxes.found)[:, None, None]
    return erase(inputs, erased, noise), targets


@dataclass(frozen=True)
class RandomErasing:
    """Hide random rectangles. probability: share of images; area, aspect: smallest and largest; fill: zero or noise."""

    images_only: ClassVar[bool] = True
    probability: float = 0.5
    area: tuple[float, float] = (0.02, 0.4)
    aspect: tuple[float, float] = (0.3, 10 / 3)
    fill: str = "zero"

    def __post_init__(self) -> None:
        require_range("probability", self.probability, 0.0, 1.0, usual="0.5 is usual, and 0 turns it off")
        require_range("area[0]", self.area[0], 0.0, 1.0, usual="0.02 is usual")
        require_range("area[1]", self.area[1], self.area[0], 1.0, usual="0.4 is usual, 0.33 in torchvision")
        require_range("aspect[0]", self.aspect[0], 0.01, 100.0, usual="0.3 is usual")
        require_range("aspect[1]", self.aspect[1], self.aspect[0], 100.0, usual="10/3 is usual")
        require_choice("fill", self.fill, FILLS)

    def __call__(self, recipe: Recipe) -> Recipe:
        options = {"probability": self.probability, "area": self.area, "aspect": self.aspect, "fill": self.fill}
        return recipe.add(batch_edits=partial(edit_rectangles, **options))
