"""Random-area crop: a window of random size and aspect, resized back: objects at every scale and place.

    share ~ U(area),  log aspect ~ U(log of aspect's ends),  window at a uniform place
    inputs = resize(window, the image's own size), bilinear

A window that does not fit is drawn again; after ten attempts the whole image is taken.

Also: RandomResizedCrop, Inception crop.
Source: Szegedy et al. 2014, section 6 (arXiv:1409.4842); as in the baseline of He et al. 2018, section 2.1
(arXiv:1812.01187): area 8 to 100 %, aspect 3/4 to 4/3.
Measured: no figure read by us isolates it; it is part of the ImageNet ResNet-50 baseline of He et al. 2018
(75.87 top-1).
Hurts: short trainings and small images, where 8 % of the area no longer shows the object; tests at the same
resolution see larger objects in training than later.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import torch
from jaxtyping import Shaped
from torch import Tensor

from assay.recipe import Recipe
from assay.schedule import Clock
from assay.tricks.arguments import require_images, require_range
from assay.tricks.random_boxes import Boxes, draw_boxes
from assay.tricks.sampling_grid import read_at, window_positions


def crop_and_resize(
    images: Shaped[Tensor, "batch channels height width"], boxes: Boxes
) -> Shaped[Tensor, "batch channels height width"]:
    """Each image's box at the size of the image; bytes are rounded."""
    batch, _, height, width = images.shape
    rows = window_positions(boxes.top, boxes.height, height)[:, :, None].expand(batch, height, width)
    columns = window_positions(boxes.left, boxes.width, width)[:, None, :].expand(batch, height, width)
    return read_at(images, rows, columns, border="edge")


def edit_areas(
    inputs: Tensor, indices: Tensor, generator: torch.Generator, clock: Clock,
    *, area: tuple[float, float], aspect: tuple[float, float],
) -> Tensor:  # fmt: skip
    """Input edit: a fresh window for every image."""
    require_images(inputs, "RandomAreaCrop")
    if area == (1.0, 1.0) and aspect == (1.0, 1.0):
        return inputs
    boxes = draw_boxes(len(inputs), inputs.shape[2], inputs.shape[3], generator, share=area, aspect=aspect)
    return crop_and_resize(inputs, boxes)


@dataclass(frozen=True)
class RandomAreaCrop:
    """Random windows at random scales. area: smallest and largest share of the image; aspect: width over height."""

    images_only: ClassVar[bool] = True
    area: tuple[float, float] = (0.08, 1.0)
    aspect: tuple[float, float] = (0.75, 4 / 3)

    def __post_init__(self) -> None:
        require_range("area[0]", self.area[0], 1e-3, 1.0, usual="0.08 to 1 is usual, and (1, 1) keeps all of it")
        require_range("area[1]", self.area[1], self.area[0], 1.0, usual="1 is usual: up to the whole image")
        require_range("aspect[0]", self.aspect[0], 0.1, 10.0, usual="0.75 is usual, and (1, 1) keeps the aspect")
        require_range("aspect[1]", self.aspect[1], self.aspect[0], 10.0, usual="4/3 is usual")

    def __call__(self, recipe: Recipe) -> Recipe:
        return recipe.add(input_edits=partial(edit_areas, area=self.area, aspect=self.aspect))
