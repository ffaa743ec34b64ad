"""RandAugment: a few random operations of one common strength: two numbers in place of a learned policy.

    `operations` times, for each image:  one of 14 operations, uniform, at level m / 10 of its range
    m = magnitude, or N(magnitude, deviation) clipped to [0, 10];  the direction is a coin

Operations: identity, auto-contrast, equalize, rotate, shear and translate in x and y, color, posterize, solarize,
contrast, sharpness, brightness. Magnitude 10 is 30 degrees, shear 0.3, a shift by 0.45 of the side, factors 0.1 and
1.9, 4 bits removed, everything inverted; what comes in from outside is grey.

Source: Cubuk et al. 2019 (arXiv:1909.13719); deviation: "mstd" of timm (Wightman et al. 2021, arXiv:2110.00476).
Measured: no figure read by us isolates it; it is part of the ImageNet ResNet-50 recipes of Wightman et al. 2021
(A1 80.38 top-1 with magnitude 7, deviation 0.5).
Hurts: short trainings and small networks, which underfit; where colour, position or angle is the label.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import torch
from torch import Tensor

from assay.recipe import Recipe
from assay.schedule import Clock
from assay.tricks.arguments import require_images, require_range
from assay.tricks.colours import require_byte_images
from assay.tricks.image_operations import NARROW, OPERATIONS, apply_operations

STRONGEST = 10.0


def edit_randomly(
    inputs: Tensor, indices: Tensor, generator: torch.Generator, clock: Clock,
    *, operations: int, magnitude: float, deviation: float,
) -> Tensor:  # fmt: skip
    """Input edit: fresh operations for every image."""
    require_images(inputs, "RandAugment")
    if operations == 0:
        return inputs
    require_byte_images(inputs, "RandAugment")
    for _ in range(operations):
        kinds = torch.randint(0, len(OPERATIONS), (len(inputs),), generator=generator)
        magnitudes = magnitude + deviation * torch.randn(len(inputs), generator=generator)
        directions = 2 * torch.randint(0, 2, (len(inputs),), generator=generator) - 1
        levels = directions * magnitudes.clamp(0, STRONGEST) / STRONGEST
        inputs = apply_operations(inputs, kinds, levels, NARROW)
    return inputs


@dataclass(frozen=True)
class RandAugment:
    """Random operations of one strength. operations: how many for an image; magnitude: 0 to 10; deviation: of it."""

    images_only: ClassVar[bool] = True
    operations: int = 2
    magnitude: float = 9.0
    deviation: float = 0.0

    def __post_init__(self) -> None:
        require_range("operations", self.operations, 0, usual="2 is usual, and 0 turns it off")
        require_range("magnitude", self.magnitude, 0.0, STRONGEST, usual="9 is usual for ResNet-50, 5 for CIFAR")
        require_range("deviation", self.deviation, 0.0, usual="0 or 0.5 is usual")

    def __call__(self, recipe: Recipe) -> Recipe:
        options = {"operations": self.operations, "magnitude": self.magnitude, "deviation": self.deviation}
        return recipe.add(input_edits=partial(edit_randomly, **options))
