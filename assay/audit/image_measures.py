"""Contrast, sharpness, colour and border of each image: what makes it hard to learn from, or too easy.

    contrast = standard deviation of all values
    sharpness = variance of the Laplacian of the grey image / variance of the grey image, its mean over channels

Divided by the variance, a flat image is not taken for a blurred one; noise of single pixels has a sharpness of 20.

    colour = mean of each channel
    border = mean of each channel over the outermost pixels: most often background

Source: Pech-Pacheco et al. 2000, Diatom autofocusing in brightfield microscopy (variance of the Laplacian).
"""

from __future__ import annotations

import torch
from jaxtyping import Float, Shaped
from torch import Tensor


def measure_contrast(values: Shaped[Tensor, "batch *shape"]) -> Float[Tensor, " batch"]:
    """In raw input units, over the finite values of each example; 0 where there is none."""
    if not values.is_floating_point():
        return values.flatten(1).float().var(1, correction=0).sqrt().double()
    flat = values.flatten(1).double()
    finite = flat.isfinite()
    count = finite.sum(1).clamp(min=1)
    mean = flat.where(finite, 0.0).sum(1) / count
    return ((flat - mean[:, None]).where(finite, 0.0).square().sum(1) / count).sqrt()


def measure_sharpness(values: Shaped[Tensor, "batch *shape"]) -> Float[Tensor, " batch"]:
    """A number without a unit; nan for what is no image (channels, height, width) of at least 3 pixels a side, and for
    one whose pixels are all equal.
    """
    if values.ndim != 4 or min(values.shape[2:]) < 3:
        return torch.full((len(values),), torch.nan, dtype=torch.float64)
    grey = (values if values.dtype == torch.float64 else values.float()).mean(1)
    middle = grey[:, 1:-1, 1:-1]
    around = grey[:, :-2, 1:-1] + grey[:, 2:, 1:-1] + grey[:, 1:-1, :-2] + grey[:, 1:-1, 2:]
    flat, edges = grey.flatten(1), (around - 4 * middle).flatten(1).var(1, correction=0)
    is_even = flat.amax(1) - flat.amin(1) <= 1e-6 * flat.abs().amax(1)
    return (edges / flat.var(1, correction=0)).double().where(~is_even, torch.nan).nan_to_num(torch.nan, torch.nan)


def measure_colour(values: Shaped[Tensor, "batch *shape"]) -> Float[Tensor, "batch colours"]:
    """In raw input units; nan for what is no image (channels, height, width), or where a value is not finite."""
    if values.ndim != 4:
        return torch.full((len(values), 1), torch.nan, dtype=torch.float64)
    return (values if values.dtype == torch.float64 else values.float()).mean((2, 3)).double()


def measure_border(values: Shaped[Tensor, "batch *shape"]) -> Float[Tensor, "batch colours"]:
    """In raw input units; nan for what is no image of at least 3 pixels a side, or where a value is not finite."""
    if values.ndim != 4 or min(values.shape[2:]) < 3:
        return torch.full((len(values), 1), torch.nan, dtype=torch.float64)
    sides = values[:, :, 0], values[:, :, -1], values[:, :, 1:-1, 0], values[:, :, 1:-1, -1]
    border = torch.cat(sides, 2)
    return (border if border.dtype == torch.float64 else border.float()).mean(2).double()
