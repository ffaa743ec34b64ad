"""Fancy PCA: add colours along which training pixels vary anyway: light changes, objects stay.

    pixel = pixel + eigenvectors @ (strengths * eigenvalues),  strengths ~ N(0, std), three for each image

Eigenvalues and eigenvectors are those of ImageNet's colours, in bytes. A grey image changes by the grey of the
added colour.

Also: PCA lighting.
Source: Krizhevsky et al. 2012, section 4.1; std 0.1 with the numbers of fb.resnet.torch, as in He et al. 2018,
section 2.1 (arXiv:1812.01187).
Measured: ImageNet top-1 error more than 1 point lower (Krizhevsky et al. 2012, as Wei's "Must Know Tips/Tricks in
Deep Neural Networks" tells it).
Hurts: where absolute colour is the label; images that are not photographs vary along other colours.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from assay.recipe import Recipe
from assay.schedule import Clock
from assay.tricks.arguments import require_images, require_range
from assay.tricks.colours import greys, require_byte_images
from assay.tricks.sampling_grid import as_before

EIGENVALUES = (55.46, 4.794, 1.148)
EIGENVECTORS = ((-0.5675, 0.7192, 0.4009), (-0.5808, -0.0045, -0.8140), (-0.5836, -0.6948, 0.4203))
"""One row for each of red, green and blue; column k belongs to eigenvalue k."""


def add_colours(
    images: UInt8[Tensor, "batch channels height width"], strengths: Float[Tensor, "batch 3"]
) -> UInt8[Tensor, "batch channels height width"]:
    """Each image's pixels plus eigenvectors @ (strengths * eigenvalues)."""
    colours = (strengths * torch.tensor(EIGENVALUES)) @ torch.tensor(EIGENVECTORS).T
    colours = colours[:, :, None, None].to(images.device)
    added = greys(colours) if images.shape[1] == 1 else colours
    return as_before(images.to(torch.float32) + added, images.dtype)


def edit_light(inputs: Tensor, indices: Tensor, generator: torch.Generator, clock: Clock, *, std: float) -> Tensor:
    """Input edit: fresh strengths for every image."""
    require_images(inputs, "FancyPCA")
    if std == 0.0:
        return inputs
    require_byte_images(inputs, "FancyPCA")
    return add_colours(inputs, std * torch.randn(len(inputs), 3, generator=generator))


@dataclass(frozen=True)
class FancyPCA:
    """Add principal colours. std: deviation of their strengths."""

    images_only: ClassVar[bool] = True
    std: float = 0.1

    def __post_init__(self) -> None:
        require_range("std", self.std, 0.0, usual="0.1 is usual, and 0 turns it off")

    def __call__(self, recipe: Recipe) -> Recipe:
        return recipe.add(input_edits=partial(edit_light, std=self.std))
