"""Colour jitter: brightness, contrast, saturation and hue of each image vary, as light and cameras do.

    brightness: pixel * factor                           factor ~ U(1 - brightness, 1 + brightness)
    contrast:   mean grey + factor * (pixel - mean grey)
    saturation: grey + factor * (pixel - grey)
    hue:        colours turned by U(-hue, hue) of the circle, greys kept (a rotation in YIQ)

In this order, clipped once at the end. The paper scales hue by a factor; reds, at the end of the hue scale, would
be torn apart, so hue is turned instead, and 0.2 of the circle is what MXNet's hue=0.4 turns. A grey image has
neither saturation nor hue.

Source: He et al. 2018, section 2.1 (arXiv:1812.01187): hue, saturation and brightness with factors U(0.6, 1.4).
Measured: no figure read by us isolates it; it is part of the ImageNet ResNet-50 baseline of He et al. 2018
(75.87 top-1).
Hurts: where colour is the label (ripeness, stains, flowers); short trainings.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from assay.recipe import Recipe
from assay.schedule import Clock
from assay.tricks.arguments import require_images, require_range
from assay.tricks.colours import LUMA, greys, per_image, require_byte_images
from assay.tricks.sampling_grid import as_before

YIQ = ((0.299, 0.587, 0.114), (0.596, -0.274, -0.322), (0.211, -0.523, 0.312))
"""From red, green and blue to luma and two colour differences (NTSC)."""


def colour_matrices(saturations: Float[Tensor, " batch"], turns: Float[Tensor, " batch"]) -> Float[Tensor, "batch 3 3"]:
    """Saturation, then hue, as one matrix for each image; each maps greys to themselves."""
    grey = torch.tensor(LUMA, dtype=torch.float64).expand(3, 3)
    saturate = torch.lerp(grey, torch.eye(3, dtype=torch.float64), saturations.double()[:, None, None])
    angles = 2 * math.pi * turns.double()
    rotate = torch.eye(3, dtype=torch.float64).repeat(len(turns), 1, 1)
    rotate[:, 1, 1] = rotate[:, 2, 2] = angles.cos()
    rotate[:, 2, 1], rotate[:, 1, 2] = angles.sin(), -angles.sin()
    luma_and_colour = torch.tensor(YIQ, dtype=torch.float64)
    # The rows of the colour differences sum to 0, so greys have none to turn.
    return (torch.linalg.inv(luma_and_colour) @ rotate @ luma_and_colour @ saturate).float()


def jitter_colours(
    images: UInt8[Tensor, "batch channels height width"],
    *,
    brightness: Float[Tensor, " batch"],
    contrast: Float[Tensor, " batch"],
    saturation: Float[Tensor, " batch"],
    turns: Float[Tensor, " batch"],
) -> UInt8[Tensor, "batch channels height width"]:
    """One factor of each kind for each image; turns are shares of the circle of hues."""
    bright = images.to(torch.float32) * per_image(brightness, images)
    mean = greys(bright).mean(dim=(1, 2, 3), keepdim=True)
    jittered = torch.lerp(mean, bright, per_image(contrast, images))
    if images.shape[1] == 3:
        matrices = colour_matrices(saturation, turns).to(images.device)
        jittered = torch.bmm(matrices, jittered.flatten(2)).view(images.shape)
    return as_before(jittered, images.dtype)


def edit_colours(
    inputs: Tensor, indices: Tensor, generator: torch.Generator, clock: Clock, *, limits: tuple[float, ...]
) -> Tensor:
    """Input edit: fresh factors for every image; limits of brightness, contrast, saturation and hue."""
    require_images(inputs, "ColorJitter")
    if not any(limits):
        return inputs
    require_byte_images(inputs, "ColorJitter")
    drawn = (2 * torch.rand(4, len(inputs), generator=generator) - 1) * torch.tensor(limits)[:, None]
    brightness, contrast, saturation = 1 + drawn[:3]
    return jitter_colours(inputs, brightness=brightness, contrast=contrast, saturation=saturation, turns=drawn[3])


@dataclass(frozen=True)
class ColorJitter:
    """Vary colours. brightness, contrast, saturation: factors up to this far from 1; hue: share of the circle."""

    images_only: ClassVar[bool] = True
    brightness: float = 0.4
    contrast: float = 0.0
    saturation: float = 0.4
    hue: float = 0.2

    def __post_init__(self) -> None:
        for name in ("brightness", "contrast", "saturation"):
            require_range(name, getattr(self, name), 0.0, 1.0, usual="0.4 is usual, and 0 turns it off")
        require_range("hue", self.hue, 0.0, 0.5, usual="0.2 is usual, and 0 turns it off")

    def __call__(self, recipe: Recipe) -> Recipe:
        limits = (self.brightness, self.contrast, self.saturation, self.hue)
        return recipe.add(input_edits=partial(edit_colours, limits=limits))
