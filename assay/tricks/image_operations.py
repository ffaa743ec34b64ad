"""The fourteen image operations that RandAugment, TrivialAugment and AugMix choose from.

Each takes bytes and one signed level in [-1, 1] for each image; 0 is the weakest, and the sign only matters where
an operation has two directions. `apply_operations` groups a batch by operation, so each runs once.

Source: Cubuk et al. 2018 (AutoAugment, arXiv:1805.09501), table 6, as Pillow computes them; widened for
TrivialAugment by Müller & Hutter 2021 (arXiv:2103.10158).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int, UInt8
from torch import Tensor

from assay.tricks.colours import greys, per_image
from assay.tricks.sampling_grid import affine_positions, as_before, read_at

GREY = 128.0
"""What geometric operations show outside the image."""

Images = UInt8[Tensor, "batch channels height width"]
Levels = Float[Tensor, " batch"]


class Ranges(NamedTuple):
    """What level 1 means: degrees, shear, shift (share of the side, at most pixels), factor, bits removed."""

    rotate: float = 30.0
    shear: float = 0.3
    shift_share: float = 0.45
    shift_pixels: float = math.inf
    factor: float = 0.9
    bits: int = 4


NARROW = Ranges()
WIDE = Ranges(rotate=135.0, shear=0.99, shift_share=1.0, shift_pixels=32.0, factor=0.99, bits=6)


def identity(images: Images, levels: Levels, ranges: Ranges) -> Images:
    """The images as they are."""
    return images


def auto_contrast(images: Images, levels: Levels, ranges: Ranges) -> Images:
    """Each channel stretched to 0 ... 255."""
    values = images.to(torch.float32)
    low, high = values.amin((2, 3), keepdim=True), values.amax((2, 3), keepdim=True)
    stretched = ((values - low) * (255 / (high - low).clamp(min=1))).floor()
    return torch.where(high > low, stretched, values).to(images.dtype)


def equalize(images: Images, levels: Levels, ranges: Ranges) -> Images:
    """Each channel through its own cumulative histogram, so that all brightnesses are about equally often."""
    flat = images.flatten(2).long()
    counts = torch.zeros(*flat.shape[:2], 256, dtype=torch.long, device=images.device)
    counts.scatter_add_(2, flat, torch.ones_like(flat))
    # Pillow leaves the brightest value's pixels out of the step, and a channel of one value as it is.
    step = (flat.shape[2] - counts.gather(2, flat.amax(2, keepdim=True))) // 255
    table = (counts.cumsum(2) - counts + step // 2) // step.clamp(min=1)
    return torch.where(step > 0, table.clamp(max=255).gather(2, flat), flat).view(images.shape).to(images.dtype)


def rotate(images: Images, levels: Levels, ranges: Ranges) -> Images:
    """Turned about the centre."""
    angles = torch.deg2rad(levels * ranges.rotate)
    cosine, sine, zero = angles.cos(), angles.sin(), torch.zeros_like(angles)
    return _move(images, (cosine, sine, -sine, cosine), (zero, zero))


def shear_x(images: Images, levels: Levels, ranges: Ranges) -> Images:
    """Rows slide sideways, the more the further from the centre."""
    one, zero = torch.ones_like(levels), torch.zeros_like(levels)
    return _move(images, (one, zero, levels * ranges.shear, one), (zero, zero))


def shear_y(images: Images, levels: Levels, ranges: Ranges) -> Images:
    """Columns slide up or down, the more the further from the centre."""
    one, zero = torch.ones_like(levels), torch.zeros_like(levels)
    return _move(images, (one, levels * ranges.shear, zero, one), (zero, zero))


def translate_x(images: Images, levels: Levels, ranges: Ranges) -> Images:
    """Shifted sideways."""
    one, zero = torch.ones_like(levels), torch.zeros_like(levels)
    largest = min(ranges.shift_share * images.shape[3], ranges.shift_pixels)
    return _move(images, (one, zero, zero, one), (zero, levels * largest))


def translate_y(images: Images, levels: Levels, ranges: Ranges) -> Images:
    """Shifted up or down."""
    one, zero = torch.ones_like(levels), torch.zeros_like(levels)
    largest = min(ranges.shift_share * images.shape[2], ranges.shift_pixels)
    return _move(images, (one, zero, zero, one), (levels * largest, zero))


def brightness(images: Images, levels: Levels, ranges: Ranges) -> Images:
    """From black (factor 0) through the image (1)."""
    return _enhance(torch.zeros_like(images, dtype=torch.float32), images, levels, ranges)


def color(images: Images, levels: Levels, ranges: Ranges) -> Images:
    """From grey (factor 0) through the image (1)."""
    return _enhance(greys(images.to(torch.float32)), images, levels, ranges)


def contrast(images: Images, levels: Levels, ranges: Ranges) -> Images:
    """From its mean grey (factor 0) through the image (1)."""
    mean = greys(images.to(torch.float32)).mean((1, 2, 3), keepdim=True).round()
    return _enhance(mean, images, levels, ranges)


def sharpness(images: Images, levels: Levels, ranges: Ranges) -> Images:
    """From smoothed (factor 0) through the image (1); the outermost pixels stay."""
    values = images.to(torch.float32)
    if min(images.shape[2:]) < 3:
        return images
    kernel = torch.ones(3, 3, device=images.device)
    kernel[1, 1] = 5.0
    smoothed = values.clone()
    channels = values.flatten(0, 1)[:, None]
    smoothed[:, :, 1:-1, 1:-1] = F.conv2d(channels, (kernel / 13)[None, None]).view_as(values[:, :, 1:-1, 1:-1])
    return _enhance(smoothed, images, levels, ranges)


def posterize(images: Images, levels: Levels, ranges: Ranges) -> Images:
    """The lowest bits set to 0."""
    removed = (levels.abs() * ranges.bits).round().to(torch.uint8).to(images.device)
    return images & (torch.full_like(removed, 255) << removed)[:, None, None, None]


def solarize(images: Images, levels: Levels, ranges: Ranges) -> Images:
    """Pixels from the threshold up inverted; level 1 inverts all."""
    thresholds = per_image(256 * (1 - levels.abs()), images)
    return torch.where(images >= thresholds, 255 - images, images)


Operation = Callable[[Tensor, Tensor, Ranges], Tensor]
GEOMETRIC: tuple[Operation, ...] = (rotate, shear_x, shear_y, translate_x, translate_y)
OPERATIONS: tuple[Operation, ...] = (
    *(identity, auto_contrast, equalize, *GEOMETRIC),
    *(color, posterize, solarize, contrast, sharpness, brightness),
)


def apply_operations(
    images: Images, kinds: Int[Tensor, " batch"], levels: Levels, ranges: Ranges,
    operations: tuple[Operation, ...] = OPERATIONS,
) -> Images:  # fmt: skip
    """Each image through the operation at its position in `operations`; -1 leaves it as it is."""
    changed = images.clone()
    for kind, operation in enumerate(operations):
        chosen = (kinds == kind).nonzero()[:, 0]
        if len(chosen) and operation is not identity:
            place = chosen.to(images.device)
            changed[place] = operation(images[place], levels[chosen], ranges)
    return changed


def _move(images: Tensor, entries: tuple[Tensor, ...], shifts: tuple[Tensor, Tensor]) -> Tensor:
    """Read at matrix @ (row, column) + shift, counted from the centre; entries go row by row."""
    matrices = torch.stack(entries, -1).view(-1, 2, 2)
    height, width = images.shape[2:]
    rows, columns = affine_positions(matrices, torch.stack(shifts, -1), height=height, width=width)
    return read_at(images, rows, columns, border="zero", outside=GREY)


def _enhance(weakest: Tensor, images: Tensor, levels: Tensor, ranges: Ranges) -> Tensor:
    """From `weakest` at factor 0 through the image at 1, where factor = 1 + level * the largest change."""
    factors = per_image(1 + levels * ranges.factor, images)
    return as_before(weakest + factors * (images.to(torch.float32) - weakest), images.dtype)
