"""The network of airbench: built to reach 94 % on CIFAR-10 in seconds.

    GELU, on the 24 filters of a frozen 2x2 whitening (the trick PatchWhitening, which comes before it)
    three groups:  3x3 convolution, 2x2 max pool, norm, GELU, 3x3 convolution, norm, GELU
    3x3 max pool (over all that is left), linear without bias

The scales of the norms stay 1; each 3x3 convolution starts as the identity on the channels it has in common with
its input (Dirac), and at random for the others. No layer has a bias of its own; the norms' shifts do that work.

Source: Jordan 2024 (arXiv:2404.00498), section 3 and its code.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn

from assay.errors import InputError
from assay.models.image_shape import require_image
from assay.models.memory_format import store_channels_last

FEWEST_PIXELS = 9
"""Of a side: whitening takes one, and three pools halve the rest."""


@dataclass(frozen=True)
class Airbench:
    """A shallow network for 32-pixel images. widths: channels of the three groups."""

    widths: tuple[int, int, int] = (64, 256, 256)

    def __post_init__(self) -> None:
        if min(self.widths) < 1:
            raise ValueError(f"widths must be at least 1, got {self.widths}; airbench94 has (64, 256, 256)")

    def build(self, input_shape: tuple[int, ...], num_outputs: int) -> nn.Module:
        """A network from (batch, channels, height, width) to (batch, num_outputs).

        Raises:
            InputError: the inputs are not images, or have fewer than 9 pixels a side.
        """
        channels, height, width = require_image(input_shape, "Airbench")
        if min(height, width) < FEWEST_PIXELS:
            raise InputError(f"Airbench needs images of at least 9x9 pixels, got {height}x{width}; use ConvNet")
        layers: list[nn.Module] = [nn.GELU()]
        for wanted in self.widths:
            layers += group(channels, wanted)
            channels = wanted
        layers += [nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(channels, num_outputs, bias=False)]
        model = nn.Sequential(*layers)
        store_channels_last(model)
        return model


def group(channels: int, width: int) -> list[nn.Module]:
    """Two convolutions, the pool between the first and its norm."""
    first, second = dirac_convolution(channels, width), dirac_convolution(width, width)
    return [first, nn.MaxPool2d(2), fixed_scale_norm(width), nn.GELU(), second, fixed_scale_norm(width), nn.GELU()]


def dirac_convolution(channels: int, width: int) -> nn.Conv2d:
    """3x3, without bias; output channel i starts as input channel i where there is one."""
    convolution = nn.Conv2d(channels, width, 3, padding=1, bias=False)
    with torch.no_grad():
        nn.init.dirac_(convolution.weight[: min(channels, width)])
    return convolution


def fixed_scale_norm(width: int) -> nn.BatchNorm2d:
    """Batch norm whose scale stays 1; its statistics follow quickly, as the training is short."""
    norm = nn.BatchNorm2d(width, momentum=0.4)
    norm.weight.requires_grad_(False)
    return norm
