"""Random boxes of a given share of the image and a given aspect, for all examples of a batch at once.

    height = sqrt(share * area / aspect),  width = sqrt(share * area * aspect)
    share ~ U(smallest, largest),  log aspect ~ U(log narrowest, log widest)

A box that does not fit is drawn again, ten times at most.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from jaxtyping import Bool, Int
from torch import Tensor

ATTEMPTS = 10


class Boxes(NamedTuple):
    """One box for each example; `found` is false where none of the attempts fitted, and the box is the image."""

    top: Int[Tensor, " batch"]
    left: Int[Tensor, " batch"]
    height: Int[Tensor, " batch"]
    width: Int[Tensor, " batch"]
    found: Bool[Tensor, " batch"]


def draw_boxes(
    batch: int, height: int, width: int, generator: torch.Generator, *,
    share: tuple[float, float], aspect: tuple[float, float],
) -> Boxes:  # fmt: skip
    """The first box of each example's attempts that lies inside the image."""
    uniform = torch.rand(4, batch, ATTEMPTS, generator=generator)
    areas = height * width * (share[0] + (share[1] - share[0]) * uniform[0])
    low, high = torch.tensor(aspect).log().tolist()
    aspects = torch.exp(low + (high - low) * uniform[1])
    heights, widths = (areas / aspects).sqrt().round().long(), (areas * aspects).sqrt().round().long()
    fits = (heights >= 1) & (heights <= height) & (widths >= 1) & (widths <= width)
    # argmax finds the first of the largest, here the first that fits.
    first, found = fits.long().argmax(1, keepdim=True), fits.any(1)
    tall = torch.where(found, heights.gather(1, first)[:, 0], height)
    wide = torch.where(found, widths.gather(1, first)[:, 0], width)
    top = (uniform[2, :, 0] * (height - tall + 1)).long()
    left = (uniform[3, :, 0] * (width - wide + 1)).long()
    return Boxes(top, left, tall, wide, found)


def inside(boxes: Boxes, *, height: int, width: int) -> Bool[Tensor, "batch height width"]:
    """Whether each pixel lies in its image's box."""
    rows, columns = torch.arange(height), torch.arange(width)
    in_rows = (rows >= boxes.top[:, None]) & (rows < (boxes.top + boxes.height)[:, None])
    in_columns = (columns >= boxes.left[:, None]) & (columns < (boxes.left + boxes.width)[:, None])
    return in_rows[:, :, None] & in_columns[:, None, :]
