"""Two-branch residual networks for small images, whose branches may be blended by random shares in training.

    outputs  = shortcut(inputs) + share * first(inputs) + (1 - share) * second(inputs)
    branch   = ReLU, 3x3 convolution, norm, ReLU, 3x3 convolution, norm
    shortcut = the identity, or where the map shrinks ReLU, two 1x1 convolutions of every second pixel, the second
               one pixel further down and right, side by side, norm; where only channels change a 1x1 convolution
    share    = 1/2 after training and where `even`; in training, forward and on the way back:

        forward   even, or shake: U(0, 1)
        backward  even, or keep: the forward share, or shake: another draw
        level     one share for the batch, or for each image

    ShakeShakeNet(depth=26, width=32, forward="shake", backward="shake", level="image")     26 2x32d, S-S-I

Source: Gastaldi 2017 (arXiv:1705.07485), section 2.1; 16 channels in the stem, widths w, 2w, 4w.
Measured: the even-even form on CIFAR-10, 1800 epochs: error 4.27 (26 2x32d), 3.76 (2x64d), 3.58 (2x96d).
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from assay.models.arguments import require_dropout
from assay.models.image_shape import require_image
from assay.models.initialisation import initialise_convolutions
from assay.models.memory_format import store_channels_last
from assay.models.shake import draw_factors, shake

Maps = Float[Tensor, "batch channels height width"]
NewMaps = Float[Tensor, "batch new_channels new_height new_width"]
Forward = Literal["even", "shake"]
Backward = Literal["even", "keep", "shake"]
ShakeLevel = Literal["batch", "image"]
STEM = 16


class Blend(nn.Module):
    """Two tensors as one, by shares that differ between forward and backward while it trains."""

    def __init__(self, forward: Forward, backward: Backward, level: ShakeLevel) -> None:
        super().__init__()
        self.forward_share: Forward = forward
        self.backward_share: Backward = backward
        self.level: ShakeLevel = level

    def forward(self, first: Maps, second: Maps) -> Maps:
        if not self.training or (self.forward_share == "even" and self.backward_share != "shake"):
            return 0.5 * first + 0.5 * second
        half = torch.full((1, 1, 1, 1), 0.5, device=first.device, dtype=first.dtype)
        share = draw_factors(first, self.level) if self.forward_share == "shake" else half
        back = {"even": half, "keep": share}.get(self.backward_share)
        back = draw_factors(first, self.level) if back is None else back
        return shake(first, share, back) + shake(second, 1.0 - share, 1.0 - back)


class ShakeShakeBlock(nn.Module):
    """The shortcut and a blend of two branches."""

    def __init__(self, channels: int, width: int, stride: int, blend: Blend) -> None:
        super().__init__()
        self.first = branch(channels, width, stride)
        self.second = branch(channels, width, stride)
        self.blend = blend
        self.shortcut: nn.Module = nn.Identity()
        if stride > 1:
            self.shortcut = TwoPathShortcut(channels, width, stride)
        elif channels != width:
            layers = (nn.ReLU(), nn.Conv2d(channels, width, 1, bias=False), nn.BatchNorm2d(width))
            self.shortcut = nn.Sequential(*layers)

    def forward(self, inputs: Maps) -> NewMaps:
        return self.shortcut(inputs) + self.blend(self.first(inputs), self.second(inputs))


class TwoPathShortcut(nn.Module):
    """Every second pixel, and every second pixel one further down and right, each to half of the channels."""

    def __init__(self, channels: int, width: int, stride: int) -> None:
        super().__init__()
        self.stride = stride
        self.even = nn.Conv2d(channels, width // 2, 1, bias=False)
        self.odd = nn.Conv2d(channels, width - width // 2, 1, bias=False)
        self.norm = nn.BatchNorm2d(width)

    def forward(self, inputs: Maps) -> NewMaps:
        inputs = inputs.relu()
        shifted = F.pad(inputs, (-1, 1, -1, 1))
        paths = (self.even(every(inputs, self.stride)), self.odd(every(shifted, self.stride)))
        return self.norm(torch.cat(paths, dim=1))


def every(inputs: Maps, stride: int) -> Float[Tensor, "batch channels new_height new_width"]:
    """Each `stride`-th row and column, from the first."""
    return inputs[:, :, ::stride, ::stride]


def branch(channels: int, width: int, stride: int) -> nn.Sequential:
    """Two convolutions, each behind a ReLU and before a norm."""
    return nn.Sequential(
        nn.ReLU(), nn.Conv2d(channels, width, 3, stride, padding=1, bias=False), nn.BatchNorm2d(width),
        nn.ReLU(inplace=True), nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width),
    )  # fmt: skip


@dataclass(frozen=True)
class ShakeShakeNet:
    """A two-branch residual network of three stages.

    depth: 6 n + 2 for n blocks a stage; width: channels of the first stage; forward, backward, level: how
    branches are blended in training, `even` and `even` without chance; dropout: of the pooled features.
    """

    depth: int = 26
    width: int = 32
    forward: Forward = "even"
    backward: Backward = "even"
    level: ShakeLevel = "image"
    dropout: float = 0.0

    def __post_init__(self) -> None:
        if self.depth < 8 or (self.depth - 2) % 6:
            raise ValueError(f"depth must be 6 n + 2 for n blocks a stage, got {self.depth}; 26 is usual")
        if self.width < 1:
            raise ValueError(f"width must be at least 1 channel, got {self.width}; 32, 64 and 96 are usual")
        require_dropout(self.dropout)

    def build(self, input_shape: tuple[int, ...], num_outputs: int) -> nn.Module:
        """A network from (batch, channels, height, width) to (batch, num_outputs).

        Raises:
            InputError: the inputs are not images.
        """
        colours, _, _ = require_image(input_shape, "ShakeShakeNet")
        stem = nn.Sequential(nn.Conv2d(colours, STEM, 3, padding=1, bias=False), nn.BatchNorm2d(STEM))
        layers: OrderedDict[str, nn.Module] = OrderedDict(stem=stem)
        channels = STEM
        for stage in range(3):
            blocks, width = [], self.width * 2**stage
            for number in range((self.depth - 2) // 6):
                stride = 2 if stage > 0 and number == 0 else 1
                blend = Blend(self.forward, self.backward, self.level)
                blocks.append(ShakeShakeBlock(channels, width, stride, blend))
                channels = width
            layers[f"stage{stage + 1}"] = nn.Sequential(*blocks)
        layers.update(relu=nn.ReLU(), average=nn.AdaptiveAvgPool2d(1), flatten=nn.Flatten())
        if self.dropout:
            layers["dropout"] = nn.Dropout(self.dropout)
        layers["linear"] = nn.Linear(channels, num_outputs)
        model = nn.Sequential(layers)
        initialise_convolutions(model)
        store_channels_last(model)
        return model
