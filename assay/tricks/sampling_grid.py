"""Moving pixels: read every image of a batch at its own positions, in one call.

Positions are in pixels; 0 is the centre of the first row or column. Bytes stay bytes: values between
pixels are rounded.
"""

from __future__ import annotations

from typing import Literal

import torch
import torch.nn.functional as F
from jaxtyping import Float, Shaped
from torch import Tensor

Border = Literal["reflect", "edge", "zero"]
BORDERS = ("reflect", "edge", "zero")
PADDING_MODES = {"reflect": "reflection", "edge": "border", "zero": "zeros"}


def read_at(
    images: Shaped[Tensor, "batch channels height width"],
    rows: Float[Tensor, "batch new_height new_width"],
    columns: Float[Tensor, "batch new_height new_width"],
    *,
    border: str = "reflect",
    outside: float = 0.0,
) -> Shaped[Tensor, "batch channels new_height new_width"]:
    """Bilinear values at (row, column) of each image.

    Args:
        border: what lies outside the image; its edge mirrored, its edge repeated, or `outside` ("zero").
    """
    height, width = images.shape[2:]
    grid = torch.stack(((2 * columns + 1) / width - 1, (2 * rows + 1) / height - 1), dim=-1).to(images.device)
    values = images.to(torch.float32) - outside
    read = F.grid_sample(values, grid, mode="bilinear", padding_mode=PADDING_MODES[border], align_corners=False)
    return as_before(read + outside, images.dtype)


def as_before(values: Float[Tensor, "*shape"], dtype: torch.dtype) -> Shaped[Tensor, "*shape"]:
    """Computed values in the images' own type: rounded and clipped where that is bytes."""
    return values.round().clamp(0, 255).to(dtype) if dtype == torch.uint8 else values.to(dtype)


def affine_positions(
    matrices: Float[Tensor, "batch 2 2"], shifts: Float[Tensor, "batch 2"], *, height: int, width: int
) -> tuple[Float[Tensor, "batch height width"], Float[Tensor, "batch height width"]]:
    """Rows and columns to read: matrix @ (row, column) + shift, both counted from the image's centre."""
    middle = torch.tensor([(height - 1) / 2, (width - 1) / 2])
    grid = torch.cartesian_prod(torch.arange(height) - middle[0], torch.arange(width) - middle[1])
    read = torch.einsum("bij,pj->bip", matrices, grid) + (shifts + middle)[:, :, None]
    rows, columns = read.view(len(matrices), 2, height, width).unbind(1)
    return rows, columns


def window_positions(first: Tensor, length: Tensor, size: int) -> Float[Tensor, "batch size"]:
    """Where to read a window of `length` pixels from `first` on so that it has `size`; never outside the window.

    The same as F.interpolate of the cut window (bilinear, align_corners=False).
    """
    inside = (torch.arange(size) + 0.5) * length[:, None] / size - 0.5
    return first[:, None] + torch.minimum(inside.clamp(min=0), length[:, None] - 1)
