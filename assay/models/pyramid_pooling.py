"""Spatial pyramid pooling, in its two forms.

    PyramidPool     the strongest answer in each cell of a 1x1, a 2x2 and a 4x4 grid, side by side:
                    21 numbers a channel for an image of any size, which still say roughly where
    StackedPools    the maps beside their own running maxima over 5x5, 9x9 and 13x13 pixels:
                    maps of the same size and four times the channels, with a wide view (YOLO)

Source: He et al. 2014 (arXiv:1406.4729), section 2.2; Bochkovskiy et al. 2020 (arXiv:2004.10934), section 3.3.
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

GRIDS = (1, 2, 4)
KERNELS = (5, 9, 13)


class PyramidPool(nn.Module):
    """Maximum in each cell of square grids; `bins` numbers a channel, coarse grids first."""

    def __init__(self, grids: tuple[int, ...] = GRIDS) -> None:
        super().__init__()
        self.bins = sum(grid * grid for grid in grids)
        self.pools = nn.ModuleList(nn.AdaptiveMaxPool2d(grid) for grid in grids)

    def forward(self, inputs: Float[Tensor, "batch channels height width"]) -> Float[Tensor, "batch channels bins"]:
        return torch.cat([pool(inputs).flatten(2) for pool in self.pools], dim=2)


class StackedPools(nn.Module):
    """The inputs and their running maxima; as many times the channels as there are kernels, and once more.

    kernels: odd sides of the windows, which move one pixel at a time.
    """

    def __init__(self, kernels: tuple[int, ...] = KERNELS) -> None:
        super().__init__()
        even = [kernel for kernel in kernels if kernel % 2 == 0]
        if even:
            raise ValueError(f"kernels must be odd, so that maps keep their size, got {kernels}; (5, 9, 13) is usual")
        self.pools = nn.ModuleList(nn.MaxPool2d(kernel, stride=1, padding=kernel // 2) for kernel in kernels)

    def forward(
        self, inputs: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch more_channels height width"]:
        return torch.cat([inputs, *(pool(inputs) for pool in self.pools)], dim=1)
