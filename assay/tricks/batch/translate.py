"""Translate: shift each image by whole pixels, up to a share of its side: position stops mattering.

    inputs[row, column] = inputs[row + down, column + right],  down ~ U{-share * height, ..., share * height}

Shares of the side mean the same at every resolution, where `Crop` counts pixels. What comes in from outside is
the image mirrored at its edge, the edge repeated, or zeros. The largest shift is rounded down to whole pixels, and is
one at least.

Source: Simard et al. 2003, "Best Practices for Convolutional Neural Networks Applied to Visual Document
Analysis"; 2 of 32 pixels, reflected, in airbench94 (Jordan 2024, arXiv:2404.00498).
Measured: no figure read by us isolates it; it is half of the augmentation of airbench94 (CIFAR-10, 94.01 %).
Hurts: where the position itself carries the label.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import torch
from jaxtyping import Int, Shaped
from torch import Tensor

from assay.recipe import Recipe
from assay.schedule import Clock
from assay.tricks.arguments import require_choice, require_images, require_range
from assay.tricks.sampling_grid import BORDERS
from assay.tricks.whole_share import whole_share


def translate_images(
    images: Shaped[Tensor, "batch channels height width"],
    down: Int[Tensor, " batch"],
    right: Int[Tensor, " batch"],
    *,
    border: str = "reflect",
) -> Shaped[Tensor, "batch channels height width"]:
    """Each image read `down` rows and `right` columns further on."""
    height, width = images.shape[2:]
    rows, kept_rows = shifted(down, height, border)
    columns, kept_columns = shifted(right, width, border)
    moved = images.gather(2, rows.to(images.device)[:, None, :, None].expand(images.shape))
    moved = moved.gather(3, columns.to(images.device)[:, None, None, :].expand(images.shape))
    if border == "zero":
        moved *= (kept_rows[:, None, :, None] & kept_columns[:, None, None, :]).to(moved)
    return moved


def shifted(by: Int[Tensor, " batch"], length: int, border: str) -> tuple[Tensor, Tensor]:
    """(batch, length) which position to read for each, and whether it lies in the image."""
    position = torch.arange(length) + by.cpu()[:, None]
    kept = (position >= 0) & (position < length)
    if border == "reflect" and length > 1:
        # A mirror at both ends repeats after 2 (length - 1) positions.
        position = (length - 1) - ((position % (2 * length - 2)) - (length - 1)).abs()
    return position.clamp(0, length - 1), kept


def edit_places(
    inputs: Tensor, indices: Tensor, generator: torch.Generator, clock: Clock, *, share: float, border: str
) -> Tensor:
    """Input edit: a fresh shift for every image."""
    require_images(inputs, "Translate")
    limits = [whole_share(share, side) for side in inputs.shape[2:]]
    if limits == [0, 0]:
        return inputs
    down, right = (torch.randint(-limit, limit + 1, (len(inputs),), generator=generator) for limit in limits)
    return translate_images(inputs, down, right, border=border)


@dataclass(frozen=True)
class Translate:
    """Shift images. share: largest shift, of each side; border: `reflect`, `edge` or `zero`."""

    images_only: ClassVar[bool] = True
    share: float = 0.125
    border: str = "reflect"

    def __post_init__(self) -> None:
        require_range("share", self.share, 0.0, 1.0, usual="0.125 is usual, and 0 turns it off")
        require_choice("border", self.border, BORDERS)

    def __call__(self, recipe: Recipe) -> Recipe:
        return recipe.add(input_edits=partial(edit_places, share=self.share, border=self.border))
