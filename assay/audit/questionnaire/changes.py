"""Copies of images and signals from which one thing was taken: detail, layout, colour, exposure, place, orientation.

Inputs are (n, channels, height, width); a signal is an image of one row. Every copy has the shape, the type and
about the range of its original, so that the same network can be asked about both.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from jaxtyping import Shaped
from torch import Tensor

LUMA = (0.299, 0.587, 0.114)

Images = Shaped[Tensor, "n channels height width"]


def coarsen(inputs: Images, *, factor: int) -> Images:
    """Averages of blocks, brought back to full size by linear interpolation: what a smaller copy still holds.

    Args:
        factor: how many pixels become one, along each side.
    """
    sides = inputs.shape[2:]
    small = F.interpolate(inputs.float(), [max(1, round(side / factor)) for side in sides], mode="area")
    return like(inputs, F.interpolate(small, list(sides), mode="bilinear", align_corners=False))


def shuffle_patches(inputs: Images, generator: torch.Generator, *, grid: int) -> Images:
    """Each example cut into a grid of patches, which are put back in an order of its own.

    The content of every patch stays, where it was is lost. What is left over at the right and at the lower end,
    less than a patch, stays where it is.

    Args:
        grid: patches along each side; along a side of one pixel there is one.
    """
    n, channels, height, width = inputs.shape
    rows, columns = (grid if side > 1 else 1 for side in (height, width))
    tall, wide = height // rows, width // columns
    cut = inputs[:, :, : rows * tall, : columns * wide]
    patches = cut.reshape(n, channels, rows, tall, columns, wide).permute(0, 2, 4, 1, 3, 5).flatten(1, 2)
    order = torch.rand(n, rows * columns, generator=generator).argsort(1)
    moved = patches[torch.arange(n)[:, None], order].unflatten(1, (rows, columns)).permute(0, 3, 1, 4, 2, 5)
    outputs = inputs.clone()
    outputs[:, :, : rows * tall, : columns * wide] = moved.reshape(cut.shape)
    return outputs


def scatter(inputs: Images, generator: torch.Generator) -> Images:
    """The pixels of all examples in one and the same random order: values stay in their columns, neighbours part."""
    order = torch.randperm(inputs.shape[2] * inputs.shape[3], generator=generator)
    return inputs.flatten(2)[:, :, order].view(inputs.shape)


def to_grey(inputs: Images) -> Images:
    """Each colour channel replaced by the luma of the three.

    Source: ITU-R BT.601, section 2.5.1.
    """
    weights = torch.tensor(LUMA).view(1, 3, 1, 1)
    return like(inputs, (inputs.float() * weights).sum(1, keepdim=True).expand(inputs.shape))


def even_exposure(inputs: Images) -> Images:
    """Each example moved and scaled to the mean and deviation of all: its own level and strength are gone.

        outputs = (inputs - mean of the example) / deviation of the example * deviation + mean

    Colours keep their proportions, since the channels are moved and scaled together.
    """
    values = inputs.float()
    own = values.mean((1, 2, 3), keepdim=True), values.std((1, 2, 3), keepdim=True, correction=0)
    even = (values - own[0]) / own[1].clamp(min=1e-6 * values.abs().amax().clamp(min=1e-12)) * own[1].mean()
    return like(inputs, even + own[0].mean())


def move(inputs: Images, generator: torch.Generator, *, share: float) -> Images:
    """Each example moved by a random number of pixels along each side; what leaves comes in at the other end.

    Args:
        share: largest move as a share of the side.
    """
    for dimension in (2, 3):
        side = inputs.shape[dimension]
        most = int(share * side)
        by = torch.randint(-most, most + 1, (len(inputs), 1), generator=generator)
        places = (torch.arange(side) + by) % side
        shape = [len(inputs), 1, 1, 1]
        shape[dimension] = side
        inputs = inputs.gather(dimension, places.view(shape).expand(inputs.shape))
    return inputs


def mirror(inputs: Images) -> Images:
    """Left and right exchanged; of a signal, beginning and end."""
    return inputs.flip(3)


def upside_down(inputs: Images) -> Images:
    """Top and bottom exchanged."""
    return inputs.flip(2)


def quarter_turns(inputs: Images, generator: torch.Generator) -> Images:
    """Each square image turned by one, two or three quarters."""
    turns = torch.randint(1, 4, (len(inputs),), generator=generator)
    outputs = inputs.clone()
    for turn in (1, 2, 3):
        outputs[turns == turn] = inputs[turns == turn].rot90(turn, (2, 3))
    return outputs


def negate(inputs: Images) -> Images:
    """The sign of every deviation from the channel's mean over all examples exchanged."""
    values = inputs.float()
    return like(inputs, 2 * values.mean((0, 2, 3), keepdim=True) - values)


def like(inputs: Tensor, values: Tensor) -> Tensor:
    """Values in the type of the inputs; bytes are rounded and kept between 0 and 255."""
    return values.round().clamp(0, 255).to(torch.uint8) if inputs.dtype == torch.uint8 else values.to(inputs.dtype)
