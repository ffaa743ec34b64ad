"""How far the content of images lies apart: the spread of where the mass of what stands out has its centre."""

from __future__ import annotations

import torch
from jaxtyping import Float, Shaped
from torch import Tensor


def centres(images: Shaped[Tensor, "n channels height width"]) -> Float[Tensor, "n 2"]:
    """(row, column) of each image's centre, as shares of the sides.

    weight = |grey - median of the image's border|
    centre = sum(weight * place) / sum(weight)          the middle where all weights are 0
    """
    grey = images.float().mean(1)
    height, width = grey.shape[1:]
    border = torch.cat([grey[:, 0], grey[:, -1], grey[:, :, 0], grey[:, :, -1]], 1)
    weight = (grey - border.median(1).values[:, None, None]).abs() + 1e-6
    total = weight.sum((1, 2))
    rows, columns = (torch.arange(side) + 0.5 for side in (height, width))
    down, right = (weight.sum(2) * rows).sum(1) / total, (weight.sum(1) * columns).sum(1) / total
    return torch.stack([down / height, right / width], 1)


def spread_of_centres(images: Shaped[Tensor, "n channels height width"]) -> tuple[float, float]:
    """Standard deviation of the centres, down and to the side, as shares of the sides."""
    down, right = centres(images).std(0, correction=0).tolist()
    return down, right
