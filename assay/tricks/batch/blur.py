"""Blur: a share of the images is smoothed, so that fine texture cannot decide alone.

    inputs = Gaussian kernel of deviation sigma * inputs,  sigma ~ U(smallest, largest) pixels, per image

The image is mirrored at its edge. It acts on raw images; bytes are rounded.

Source: Bochkovskiy et al. 2020, table 2 (arXiv:2004.10934); sigma 0.1 to 2 as in Chen et al. 2020 (SimCLR,
arXiv:2002.05709), appendix A.
Measured: ImageNet CSPResNeXt-50 77.9 -> 77.5 top-1: it hurt (Bochkovskiy et al. 2020).
Hurts: supervised training on sharp images; it is for data whose sharpness varies.
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
from assay.tricks.arguments import require_images, require_range
from assay.tricks.batch.translate import shifted
from assay.tricks.sampling_grid import as_before


def gaussian_blur(
    images: Shaped[Tensor, "batch channels height width"], sigmas: Float[Tensor, " batch"], *, radius: int
) -> Shaped[Tensor, "batch channels height width"]:
    """Each image smoothed with its own Gaussian, cut at `radius` pixels and normalised to sum 1."""
    offsets = torch.arange(-radius, radius + 1)
    weights = torch.exp(-0.5 * (offsets / sigmas[:, None]) ** 2)
    weights = (weights / weights.sum(1, keepdim=True)).to(images.device)
    blurred = images.to(torch.float32)
    for dimension in (2, 3):
        # A sum over the kernel's few taps: convolutions with one kernel for each image are slower.
        length = images.shape[dimension]
        positions, _ = shifted(offsets, length, "reflect")
        whole, blurred = blurred, torch.zeros_like(blurred)
        for weight, position in zip(weights.T, positions.to(images.device), strict=True):
            blurred += weight[:, None, None, None] * whole.index_select(dimension, position)
    return as_before(blurred, images.dtype)


def edit_sharpness(
    inputs: Tensor, indices: Tensor, generator: torch.Generator, clock: Clock,
    *, probability: float, sigma: tuple[float, float],
) -> Tensor:  # fmt: skip
    """Input edit: blur a fresh choice of the images."""
    require_images(inputs, "Blur")
    chosen = (torch.rand(len(inputs), generator=generator) < probability).nonzero()[:, 0]
    if not len(chosen):
        return inputs
    sigmas = sigma[0] + (sigma[1] - sigma[0]) * torch.rand(len(chosen), generator=generator)
    place = chosen.to(inputs.device)
    return inputs.index_copy(0, place, gaussian_blur(inputs[place], sigmas, radius=math.ceil(2 * sigma[1])))


@dataclass(frozen=True)
class Blur:
    """Smooth some images. probability: share of images; sigma: smallest and largest deviation, in pixels."""

    images_only: ClassVar[bool] = True
    probability: float = 0.1
    sigma: tuple[float, float] = (0.1, 2.0)

    def __post_init__(self) -> None:
        require_range("probability", self.probability, 0.0, 1.0, usual="0.1 is usual, and 0 turns it off")
        require_range("sigma[0]", self.sigma[0], 1e-2, usual="0.1 is usual")
        require_range("sigma[1]", self.sigma[1], self.sigma[0], 50.0, usual="2 is usual, 1 for 32-pixel images")

    def __call__(self, recipe: Recipe) -> Recipe:
        return recipe.add(input_edits=partial(edit_sharpness, probability=self.probability, sigma=self.sigma))
