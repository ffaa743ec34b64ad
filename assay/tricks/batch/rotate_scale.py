"""Rotate and scale: each image turned, zoomed and stretched a little about its centre.

    angle ~ U(-degrees, degrees),  log zoom ~ U(-log scale, log scale),  log stretch ~ U(-log stretch, log stretch)
    (row, column) shows the input at  R(angle) @ (row / (zoom * stretch), column * stretch / zoom)

Bilinear; what lies outside the image is its mirror image.

Source: Simard et al. 2003, "Best Practices for Convolutional Neural Networks Applied to Visual Document
Analysis"; Wei, "Must Know Tips/Tricks in Deep Neural Networks", on data augmentation.
Measured: no figure read by us isolates it.
Hurts: where the angle or the size is the label (6 and 9, cells measured in pixels); fine texture is smoothed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import torch
from jaxtyping import Float, Shaped
from torch import Tensor

from assay.recipe import Recipe
from assay.schedule import Clock
from assay.tricks.arguments import require_choice, require_images, require_range
from assay.tricks.sampling_grid import BORDERS, affine_positions, read_at


def rotate_scale(
    images: Shaped[Tensor, "batch channels height width"],
    angles: Float[Tensor, " batch"],
    zooms: Float[Tensor, " batch"],
    stretches: Float[Tensor, " batch"],
    *,
    border: str = "reflect",
) -> Shaped[Tensor, "batch channels height width"]:
    """Turn by `angles` (radians, counter-clockwise) and enlarge by `zooms`; a stretch makes images taller.

    Args:
        border: `reflect`, `edge` or `zero`.
    """
    cosine, sine = angles.cos(), angles.sin()
    turn = torch.stack((torch.stack((cosine, sine), -1), torch.stack((-sine, cosine), -1)), -2)
    shrink = torch.stack((1 / (zooms * stretches), stretches / zooms), -1)
    height, width = images.shape[2:]
    rows, columns = affine_positions(turn * shrink[:, None], torch.zeros(len(images), 2), height=height, width=width)
    return read_at(images, rows, columns, border=border)


def edit_poses(
    inputs: Tensor, indices: Tensor, generator: torch.Generator, clock: Clock,
    *, degrees: float, scale: float, stretch: float, border: str,
) -> Tensor:  # fmt: skip
    """Input edit: a fresh angle, zoom and stretch for every image."""
    require_images(inputs, "RotateScale")
    if degrees == 0.0 and scale == stretch == 1.0:
        return inputs
    limits = torch.tensor([[math.radians(degrees)], [math.log(scale)], [math.log(stretch)]])
    angles, zooms, stretches = (2 * torch.rand(3, len(inputs), generator=generator) - 1) * limits
    return rotate_scale(inputs, angles, zooms.exp(), stretches.exp(), border=border)


@dataclass(frozen=True)
class RotateScale:
    """Turn, zoom and stretch.

    degrees: largest turn either way; scale, stretch: largest factors, 1 is none; border: what comes in from outside,
    `reflect`, `edge` or `zero`.
    """

    images_only: ClassVar[bool] = True
    degrees: float = 10.0
    scale: float = 1.1
    stretch: float = 1.0
    border: str = "reflect"

    def __post_init__(self) -> None:
        require_range("degrees", self.degrees, 0.0, 180.0, usual="10 is usual, and 0 turns it off")
        require_range("scale", self.scale, 1.0, 4.0, usual="1.1 is usual, and 1 keeps the size")
        require_range("stretch", self.stretch, 1.0, 4.0, usual="1.1 is usual, and 1 keeps the aspect")
        require_choice("border", self.border, BORDERS)

    def __call__(self, recipe: Recipe) -> Recipe:
        options = {"degrees": self.degrees, "scale": self.scale, "stretch": self.stretch, "border": self.border}
        return recipe.add(input_edits=partial(edit_poses, **options))
