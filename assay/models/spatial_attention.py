"""Spatial attention in the form of YOLOv4: every value is weighed by its own pixel's channels.

    outputs = inputs * sigmoid(1x1 convolution of inputs)

The form it modifies pools over the channels first, so that all channels of a pixel share one weight.

Source: Bochkovskiy et al. 2020 (arXiv:2004.10934), section 3.3, figure 5; Woo et al. 2018 (arXiv:1807.06521).
"""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor, nn


class PixelAttention(nn.Module):
    """Scale each value by a share in (0, 1) that depends on the channels of its pixel."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(channels, channels, 1)

    def forward(
        self, inputs: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch channels height width"]:
        return inputs * self.convolution(inputs).sigmoid()
