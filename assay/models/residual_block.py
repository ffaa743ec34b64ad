"""Residual blocks: what a layer adds to its input instead of what it makes of it.

    outputs = relu(drop(branch(inputs)) + shortcut(inputs))

`drop` is the identity; tricks that drop or shake whole branches put their layer there.
Downsampling, in a block of stride 2, has the three forms that He et al. 2018 compare:

    A  the branch's first convolution strides (a 1x1 in a bottleneck: it drops 3/4 of its input);
       the shortcut is a 1x1 convolution of stride 2 (it drops 3/4 too)
    B  as A, but a bottleneck strides in its 3x3 convolution
    D  as B, and the shortcut averages 2x2 pixels before a 1x1 convolution of stride 1

Source: He et al. 2015 (arXiv:1512.03385), section 3; He et al. 2018 (arXiv:1812.01187), section 4.1, figure 2.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from jaxtyping import Float
from torch import Tensor, nn

Downsampling = Literal["A", "B", "D"]
NormLayer = Callable[[int], nn.Module]


class ResidualBlock(nn.Module):
    """branch + shortcut, then ReLU.

    last_norm: the layer that ends the branch; with its weight at 0 the block starts as its shortcut.
    """

    def __init__(self, branch: nn.Sequential, shortcut: nn.Module) -> None:
        super().__init__()
        self.branch = branch
        self.shortcut = shortcut
        self.drop = nn.Identity()
        self.relu = nn.ReLU(inplace=True)

    @property
    def last_norm(self) -> nn.Module:
        return self.branch[-1]

    def forward(
        self, inputs: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch new_channels new_height new_width"]:
        return self.relu(self.drop(self.branch(inputs)) + self.shortcut(inputs))


def basic_block(
    channels: int, width: int, stride: int, norm: NormLayer, downsampling: Downsampling = "B"
) -> ResidualBlock:
    """Two 3x3 convolutions; `width` channels out."""
    branch = nn.Sequential(
        nn.Conv2d(channels, width, 3, stride, padding=1, bias=False), norm(width), nn.ReLU(inplace=True),
        nn.Conv2d(width, width, 3, padding=1, bias=False), norm(width),
    )  # fmt: skip
    return ResidualBlock(branch, shortcut(channels, width, stride, norm, downsampling))


def bottleneck_block(
    channels: int, width: int, stride: int, norm: NormLayer, downsampling: Downsampling = "B"
) -> ResidualBlock:
    """1x1, 3x3 and 1x1 convolutions; 4 * `width` channels out."""
    narrow, spatial = (stride, 1) if downsampling == "A" else (1, stride)
    branch = nn.Sequential(
        nn.Conv2d(channels, width, 1, narrow, bias=False), norm(width), nn.ReLU(inplace=True),
        nn.Conv2d(width, width, 3, spatial, padding=1, bias=False), norm(width), nn.ReLU(inplace=True),
        nn.Conv2d(width, 4 * width, 1, bias=False), norm(4 * width),
    )  # fmt: skip
    return ResidualBlock(branch, shortcut(channels, 4 * width, stride, norm, downsampling))


def shortcut(channels: int, width: int, stride: int, norm: NormLayer, downsampling: Downsampling) -> nn.Module:
    """The identity where shapes agree, else a projection."""
    if stride == 1 and channels == width:
        return nn.Identity()
    if downsampling != "D" or stride == 1:
        return nn.Sequential(nn.Conv2d(channels, width, 1, stride, bias=False), norm(width))
    # Odd sides round up, as they do in the branch; the pixels outside the image are not averaged in.
    pool = nn.AvgPool2d(stride, stride, ceil_mode=True, count_include_pad=False)
    return nn.Sequential(pool, nn.Conv2d(channels, width, 1, bias=False), norm(width))
