"""Colours of raw images: what photometric tricks share.

A grey image has one channel; it is treated as the colour image whose three channels it would fill.
"""

from __future__ import annotations

import torch
from jaxtyping import Float, Shaped
from torch import Tensor

from assay.recipe import RecipeError
from assay.tricks.arguments import require_images

LUMA = (0.299, 0.587, 0.114)
"""Weights of red, green and blue in the grey of a colour (ITU-R BT.601)."""


def require_byte_images(images: Shaped[Tensor, "batch ..."], trick: str) -> None:
    """Refuse what has no colours between 0 and 255: vectors, floats, and other channels than grey or colour.

    Raises:
        RecipeError: says what was found instead.
    """
    require_images(images, trick)
    if images.dtype != torch.uint8 or images.shape[1] not in (1, 3):
        raise RecipeError(
            f"{trick} needs grey or colour images of bytes, got {images.shape[1]} channels of "
            f"{str(images.dtype).removeprefix('torch.')}; take {trick} out of the recipe"
        )


def greys(images: Float[Tensor, "batch channels height width"]) -> Float[Tensor, "batch 1 height width"]:
    """The grey of every pixel."""
    if images.shape[1] == 1:
        return images
    return torch.einsum("bchw,c->bhw", images, images.new_tensor(LUMA))[:, None]


def per_image(values: Float[Tensor, " batch"], images: Tensor) -> Float[Tensor, "batch 1 1 1"]:
    """One number for each image, on its device."""
    return values.to(images.device)[:, None, None, None]


def hsv_from_rgb(images: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch 3 height width"]:
    """Hue, saturation and value, all in [0, 1]; the hue of a grey is 0.

    Source: Smith 1978, "Color Gamut Transform Pairs", as in Python's colorsys.
    """
    value, largest = images.max(1)
    span = value - images.amin(1)
    saturation = torch.where(value > 0, span / value.clamp(min=1e-12), 0.0)
    red, green, blue = images.unbind(1)
    safe = torch.where(span > 0, span, 1.0)
    sixths = torch.stack(((green - blue) / safe, 2 + (blue - red) / safe, 4 + (red - green) / safe), dim=1)
    hue = (sixths.gather(1, largest[:, None])[:, 0] / 6).remainder(1.0)
    return torch.stack((torch.where(span > 0, hue, 0.0), saturation, value), dim=1)


def rgb_from_hsv(colours: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch 3 height width"]:
    """The inverse of `hsv_from_rgb`."""
    hue, saturation, value = colours.unbind(1)
    # Each channel is the value less what its distance from the hue, in sixths of a turn, takes away.
    channels = []
    for start in (5, 3, 1):
        sixth = (start + 6 * hue).remainder(6.0)
        channels.append(value - value * saturation * torch.minimum(sixth, 4 - sixth).clamp(0, 1))
    return torch.stack(channels, dim=1)
