"""Residual blocks: what a layer adds to its input instead of what it makes of it.

    outputs = relu(drop(attention(branch(inputs))) + shortcut(inputs))

`drop` and `attention` are the identity; tricks that drop or shake whole branches put their layer in the one,
`ResNet(attention=...)` in the other. The unit, one block, has three forms:

    original       branch = convolution, norm, ReLU, convolution, norm; ReLU after the sum
    preactivation  branch = norm, ReLU, convolution, norm, ReLU, convolution; nothing after the sum
    pyramid        branch = norm, convolution, norm, ReLU, convolution, norm; nothing after the sum

The last two leave their first norm (and ReLU) to `preactivation`: a shortcut that projects sees it too.
Downsampling, in a block of stride 2, has the three forms that He et al. 2018 compare:

    A  the branch's first convolution strides (a 1x1 in a bottleneck: it drops 3/4 of its input);
       the shortcut is a 1x1 convolution of stride 2 (it drops 3/4 too)
    B  as A, but a bottleneck strides in its 3x3 convolution
    D  as B, and the shortcut averages 2x2 pixels before a 1x1 convolution of stride 1

Source: He et al. 2015 (arXiv:1512.03385), section 3; He et al. 2018 (arXiv:1812.01187), section 4.1, figure 2;
pre-activation: He et al. 2016 (arXiv:1603.05027), figure 4e; pyramid: Han et al. 2016 (arXiv:1610.02915).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Protocol, runtime_checkable

from jaxtyping import Float
from torch import Tensor, nn

Downsampling = Literal["A", "B", "D"]
NormLayer = Callable[[int], nn.Module]
Unit = Literal["original", "preactivation", "pyramid"]


@runtime_checkable
class EndsInNorm(Protocol):
    """A block whose branch ends in this layer, mostly a norm."""

    @property
    def last_norm(self) -> nn.Module: ...


class ResidualBlock(nn.Module):
    """branch + shortcut, then ReLU if there is no `preactivation`.

    last_norm: the layer that ends the branch (a pre-activation branch ends in a convolution); with its weight
    at 0 the block starts as its shortcut.
    """

    def __init__(self, branch: nn.Sequential, shortcut: nn.Module, preactivation: nn.Module | None = None) -> None:
        super().__init__()
        self.preactivation = nn.Identity() if preactivation is None else preactivation
        self.branch = branch
        self.attention: nn.Module = nn.Identity()
        self.shortcut = shortcut
        self.drop: nn.Module = nn.Identity()
        self.relu = nn.ReLU(inplace=True) if preactivation is None else nn.Identity()

    @property
    def last_norm(self) -> nn.Module:
        return self.branch[-1]

    def forward(
        self, inputs: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch new_channels new_height new_width"]:
        activated = self.preactivation(inputs)
        carried = inputs if isinstance(self.shortcut, nn.Identity) else self.shortcut(activated)
        return self.relu(self.drop(self.attention(self.branch(activated))) + carried)


def basic_block(
    channels: int, width: int, stride: int, norm: NormLayer, downsampling: Downsampling = "B", unit: Unit = "original"
) -> ResidualBlock:
    """Two 3x3 convolutions; `width` channels out."""
    layers = [
        nn.Conv2d(channels, width, 3, stride, padding=1, bias=False), norm(width), nn.ReLU(inplace=True),
        nn.Conv2d(width, width, 3, padding=1, bias=False),
    ]  # fmt: skip
    return residual(layers, channels, width, stride, norm, downsampling, unit)


def bottleneck_block(
    channels: int, width: int, stride: int, norm: NormLayer, downsampling: Downsampling = "B", unit: Unit = "original"
) -> ResidualBlock:
    """1x1, 3x3 and 1x1 convolutions; 4 * `width` channels out."""
    narrow, spatial = (stride, 1) if downsampling == "A" else (1, stride)
    layers = [
        nn.Conv2d(channels, width, 1, narrow, bias=False), norm(width), nn.ReLU(inplace=True),
        nn.Conv2d(width, width, 3, spatial, padding=1, bias=False), norm(width), nn.ReLU(inplace=True),
        nn.Conv2d(width, 4 * width, 1, bias=False),
    ]  # fmt: skip
    return residual(layers, channels, 4 * width, stride, norm, downsampling, unit)


def residual(
    layers: list[nn.Module], channels: int, width: int, stride: int, norm: NormLayer,
    downsampling: Downsampling, unit: Unit,
) -> ResidualBlock:  # fmt: skip
    """A block around these layers, from `channels` to `width`, with the norms and activations of its unit."""
    if unit == "original":
        branch = nn.Sequential(*layers, norm(width))
        return ResidualBlock(branch, shortcut(channels, width, stride, norm, downsampling))
    # Not in place: without a norm before it, ReLU would overwrite what the shortcut carries.
    first = nn.Sequential(norm(channels), nn.ReLU()) if unit == "preactivation" else norm(channels)
    branch = nn.Sequential(*layers, norm(width)) if unit == "pyramid" else nn.Sequential(*layers)
    # Nothing is normalised on the way round: the next block's first norm does it.
    return ResidualBlock(branch, shortcut(channels, width, stride, nn.Identity, downsampling), first)


def shortcut(channels: int, width: int, stride: int, norm: NormLayer, downsampling: Downsampling) -> nn.Module:
    """The identity where shapes agree, else a projection."""
    if stride == 1 and channels == width:
        return nn.Identity()
    if downsampling != "D" or stride == 1:
        return nn.Sequential(nn.Conv2d(channels, width, 1, stride, bias=False), norm(width))
    # Odd sides round up, as they do in the branch; the pixels outside the image are not averaged in.
    pool = nn.AvgPool2d(stride, stride, ceil_mode=True, count_include_pad=False)
    return nn.Sequential(pool, nn.Conv2d(channels, width, 1, bias=False), norm(width))
