"""HSV shift: saturation and value bent, scaled and shifted, hue turned: colours of other light and other cameras.

    saturation, value = factor * it ^ power + offset, clipped to [0, 1]
    hue = hue + U(-hue, hue), around the circle
    log power ~ U(-log power, log power),  factor ~ U(factors),  offset ~ U(-offset, offset)

One draw of each for an image, its own for saturation and value. A grey image has only a value.

Source: Wei, "Must Know Tips/Tricks in Deep Neural Networks", after Dosovitskiy et al. 2014 (arXiv:1406.6909):
powers 1/4 to 4, factors 0.7 to 1.4, offsets and hue up to 0.1.
Measured: no figure read by us isolates it.
Hurts: where colour is the label; a power of 4 leaves little of dim images.
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
from assay.tricks.colours import hsv_from_rgb, per_image, require_byte_images, rgb_from_hsv
from assay.tricks.sampling_grid import as_before


def shift_hsv(
    images: UInt8[Tensor, "batch channels height width"],
    turns: Float[Tensor, " batch"],
    powers: Float[Tensor, "2 batch"],
    factors: Float[Tensor, "2 batch"],
    offsets: Float[Tensor, "2 batch"],
) -> UInt8[Tensor, "batch channels height width"]:
    """factor * it ^ power + offset for saturation (row 0) and value (row 1), hue plus its turn."""
    powers, factors, offsets = (numbers.T[:, :, None, None].to(images.device) for numbers in (powers, factors, offsets))
    pixels = images.to(torch.float32) / 255
    if images.shape[1] == 1:
        return as_before(255 * (factors[:, 1:] * pixels ** powers[:, 1:] + offsets[:, 1:]), images.dtype)
    colours = hsv_from_rgb(pixels)
    hue = (colours[:, :1] + per_image(turns, images)).remainder(1.0)
    bent = (factors * colours[:, 1:] ** powers + offsets).clamp(0, 1)
    return as_before(255 * rgb_from_hsv(torch.cat((hue, bent), dim=1)), images.dtype)


def edit_hsv(
    inputs: Tensor, indices: Tensor, generator: torch.Generator, clock: Clock,
    *, hue: float, power: float, factors: tuple[float, float], offset: float,
) -> Tensor:  # fmt: skip
    """Input edit: fresh numbers for every image."""
    require_images(inputs, "HSVShift")
    if hue == offset == 0.0 and power == factors[0] == factors[1] == 1.0:
        return inputs
    require_byte_images(inputs, "HSVShift")
    batch = len(inputs)
    turns = hue * (2 * torch.rand(batch, generator=generator) - 1)
    powers = torch.exp(math.log(power) * (2 * torch.rand(2, batch, generator=generator) - 1))
    scales = factors[0] + (factors[1] - factors[0]) * torch.rand(2, batch, generator=generator)
    offsets = offset * (2 * torch.rand(2, batch, generator=generator) - 1)
    return shift_hsv(inputs, turns, powers, scales, offsets)


@dataclass(frozen=True)
class HSVShift:
    """Bend and shift saturation and value, turn hue.

    hue: largest turn, share of the circle; power: largest one that saturation and value are raised to; factors:
    the range of what they are multiplied by; offset: largest amount added to them.
    """

    images_only: ClassVar[bool] = True
    hue: float = 0.1
    power: float = 4.0
    factors: tuple[float, float] = (0.7, 1.4)
    offset: float = 0.1

    def __post_init__(self) -> None:
        require_range("hue", self.hue, 0.0, 0.5, usual="0.1 is usual, and 0 keeps it")
        require_range("power", self.power, 1.0, 10.0, usual="4 is usual, and 1 bends nothing")
        require_range("factors[0]", self.factors[0], 0.0, usual="0.7 is usual, and (1, 1) scales nothing")
        require_range("factors[1]", self.factors[1], self.factors[0], usual="1.4 is usual")
        require_range("offset", self.offset, 0.0, 1.0, usual="0.1 is usual, and 0 shifts nothing")

    def __call__(self, recipe: Recipe) -> Recipe:
        options = {"hue": self.hue, "power": self.power, "factors": self.factors, "offset": self.offset}
        return recipe.add(input_edits=partial(edit_hsv, **options))
