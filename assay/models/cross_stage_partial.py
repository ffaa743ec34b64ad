"""Cross-stage-partial stage: half the channels go through the blocks, half go round them.

    outputs = transition(concatenate(leave(blocks(enter(inputs))), bypass(inputs)))

All four are 1x1 convolutions with a norm and ReLU: `enter` and `bypass` to half the channels, `leave` over that
half, `transition` over both. Gradients of the bypass do not pass the blocks, and the blocks, half as wide, cost
a quarter.

Source: Wang et al. 2019 (arXiv:1911.11929), section 3.1; the stages of YOLOv4's backbone.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor, nn

NormLayer = Callable[[int], nn.Module]


class PartialStage(nn.Module):
    """Blocks between two halves of the channels; an even number of `channels` in, as many out.

    blocks: any network that keeps `channels // 2` channels and the size of the maps.
    """

    def __init__(self, channels: int, blocks: nn.Module, norm: NormLayer = nn.BatchNorm2d) -> None:
        super().__init__()
        if channels % 2:
            raise ValueError(f"channels must be even, for half of them go round the blocks, got {channels}; "
                             "use an even width")  # fmt: skip
        self.enter = normed_convolution(channels, channels // 2, 1, 1, norm)
        self.bypass = normed_convolution(channels, channels // 2, 1, 1, norm)
        self.blocks = blocks
        self.leave = normed_convolution(channels // 2, channels // 2, 1, 1, norm)
        self.transition = normed_convolution(channels, channels, 1, 1, norm)

    def forward(
        self, inputs: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch channels height width"]:
        return self.transition(torch.cat([self.leave(self.blocks(self.enter(inputs))), self.bypass(inputs)], dim=1))


def normed_convolution(channels: int, width: int, kernel: int, stride: int, norm: NormLayer) -> nn.Sequential:
    """Convolution that keeps the size of the maps but for its stride, norm, ReLU."""
    convolution = nn.Conv2d(channels, width, kernel, stride, padding=kernel // 2, bias=False)
    return nn.Sequential(convolution, norm(width), nn.ReLU(inplace=True))
