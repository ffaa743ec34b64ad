"""ColOut: drop a few random rows and columns: images become smaller, steps faster, and content moves a little.

    kept rows = ceil((1 - share) * height), kept columns = ceil((1 - share) * width), one draw for the batch, in order

The network must take images of any size, as ResNet and ConvNet do. It acts before all batch edits that are already in
the stack, so that the shares in mixed targets stay exact.

Source: MosaicML 2021, Composer's ColOut (docs.mosaicml.com/projects/composer), which drops 0.15.
Measured: no figure read by us isolates it; Composer's hottest ImageNet recipe uses a share of 0.05.
Hurts: fine detail of small images; the tests see whole images at a larger size than training did.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar

import torch
from jaxtyping import Int, Shaped
from torch import Tensor

from assay.recipe import Recipe
from assay.schedule import Clock
from assay.tricks.arguments import require_images, require_range
from assay.tricks.other_sizes import make_smaller


def keep_lines(
    images: Shaped[Tensor, "batch channels height width"],
    rows: Int[Tensor, " new_height"],
    columns: Int[Tensor, " new_width"],
) -> Shaped[Tensor, "batch channels new_height new_width"]:
    """Only these rows and columns of every image."""
    return images.index_select(2, rows.to(images.device)).index_select(3, columns.to(images.device))


def draw_lines(length: int, share: float, generator: torch.Generator) -> Tensor:
    """Which lines stay, in order."""
    return torch.randperm(length, generator=generator)[: lines_kept(length, share)].sort().values


def lines_kept(length: int, share: float) -> int:
    """How many lines stay."""
    # Rounded first: 20 rows less 0.45 of them are 11.000000000000002.
    return math.ceil(round((1.0 - share) * length, 6))


def edit_lines(
    inputs: Tensor, targets: Tensor, generator: torch.Generator, clock: Clock, *, share: float
) -> tuple[Tensor, Tensor]:
    """Batch edit: the same lines dropped from every image; targets unchanged."""
    require_images(inputs, "ColOut")
    if share == 0.0:
        return inputs, targets
    rows, columns = (draw_lines(side, share, generator) for side in inputs.shape[2:])
    return keep_lines(inputs, rows, columns), targets


@dataclass(frozen=True)
class ColOut:
    """Drop rows and columns. share: of rows and of columns."""

    images_only: ClassVar[bool] = True
    share: float = 0.15

    def __post_init__(self) -> None:
        require_range("share", self.share, 0.0, 0.9, usual="0.15 is usual, and 0 turns it off")

    def __call__(self, recipe: Recipe) -> Recipe:
        recipe = make_smaller(recipe, self, partial(lines_kept, share=self.share), lever="lower share")
        # Before all mixers, wherever it stands: lines dropped from a pasted box would falsify its share.
        return replace(recipe, batch_edits=(partial(edit_lines, share=self.share), *recipe.batch_edits))
