"""Small convolutional network: the first thing to try on small images.

    stem and stages: [3x3 convolution, batch norm, ReLU] x blocks, 2x2 max pool between stages
    head:            global average pool (or the last maps as they are), dropout, linear

Source: Goodfellow et al. 2016, chapter 9; 3x3 filters: Simonyan & Zisserman 2014 (arXiv:1409.1556);
batch norm in place of the bias: Ioffe & Szegedy 2015 (arXiv:1502.03167), section 3.2; the average pool
instead of a fully connected head: Lin et al. 2013 (arXiv:1312.4400), section 3.2.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass
from typing import Literal

from torch import nn

from assay.models.arguments import require_dropout
from assay.models.image_shape import require_image
from assay.models.initialisation import initialise_convolutions
from assay.models.memory_format import store_channels_last

SMALLEST_SIDE = 2
"""Maps are never pooled below this many pixels a side."""


@dataclass(frozen=True)
class ConvNet:
    """Convolutional stages for images of any size.

    widths: channels of each stage; blocks: convolutions in each stage; dropout: share of the pooled
    features set to 0 before the last layer; head: "flatten" gives the last layer every pixel of the last maps
    in place of each map's average, for as long as images keep the size the network was built for.
    """

    widths: tuple[int, ...] = (32, 64)
    blocks: int = 1
    dropout: float = 0.0
    head: Literal["average", "flatten"] = "average"

    def __post_init__(self) -> None:
        if not self.widths or min(self.widths) < 1:
            raise ValueError(f"widths must be positive channel counts, one a stage, got {self.widths}; try (32, 64)")
        if self.blocks < 1:
            raise ValueError(f"blocks must be at least 1 convolution a stage, got {self.blocks}")
        require_dropout(self.dropout)
        if self.head not in ("average", "flatten"):
            raise ValueError(f"head must be 'average' or 'flatten', got {self.head!r}")

    def build(self, input_shape: tuple[int, ...], num_outputs: int) -> nn.Module:
        """A network from (batch, channels, height, width) to (batch, num_outputs).

        Raises:
            InputError: the inputs are not images.
        """
        channels, *sides = require_image(input_shape, "ConvNet")
        layers: OrderedDict[str, nn.Module] = OrderedDict()
        for number, width in enumerate(self.widths, start=1):
            if number > 1:
                pool = [2 if side >= 2 * SMALLEST_SIDE else 1 for side in sides]
                sides = [side // step for side, step in zip(sides, pool, strict=True)]
                layers[f"pool{number - 1}"] = nn.MaxPool2d((pool[0], pool[1]))
            layers[f"stage{number}"] = convolution_stage(channels, width, self.blocks)
            channels = width
        features = channels * math.prod(sides)
        if self.head == "average":
            layers["average"], features = nn.AdaptiveAvgPool2d(1), channels
        layers["flatten"] = nn.Flatten()
        if self.dropout:
            layers["dropout"] = nn.Dropout(self.dropout)
        layers["linear"] = nn.Linear(features, num_outputs)
        model = nn.Sequential(layers)
        initialise_convolutions(model)
        store_channels_last(model)
        return model


def convolution_stage(channels: int, width: int, blocks: int) -> nn.Sequential:
    """`blocks` times 3x3 convolution, batch norm, ReLU at one resolution."""
    layers: list[nn.Module] = []
    for _ in range(blocks):
        layers += [nn.Conv2d(channels, width, 3, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU(inplace=True)]
        channels = width
    return nn.Sequential(*layers)
