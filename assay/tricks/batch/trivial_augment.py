"""TrivialAugment: one random operation of random strength for each image: nothing to tune.

    one of 14 operations, uniform, at level U{0, ..., 30} / 30 of its range;  the direction is a coin

The operations are RandAugment's; wide ranges reach 135 degrees, shear 0.99, a shift by 32 pixels (at most the side),
factors 0.01 and 1.99, 6 bits removed. What comes in from outside is grey.

Source: Müller & Hutter 2021 (arXiv:2103.10158).
Measured: no figure read by us isolates it; it is part of torchvision's second ImageNet ResNet-50 recipe
(80.858 top-1 after 600 epochs).
Hurts: short trainings and small networks, which underfit; 32-pixel images under the wide shift, which can leave
nothing of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import torch
from torch import Tensor

from assay.recipe import Recipe
from assay.schedule import Clock
from assay.tricks.arguments import require_range
from assay.tricks.colours import require_byte_images
from assay.tricks.image_operations import NARROW, OPERATIONS, WIDE, apply_operations

STRENGTHS = 30


def edit_trivially(
    inputs: Tensor, indices: Tensor, generator: torch.Generator, clock: Clock, *, probability: float, wide: bool
) -> Tensor:
    """Input edit: a fresh operation and strength for every image."""
    if probability == 0.0:
        return inputs
    require_byte_images(inputs, "TrivialAugment")
    kinds = torch.randint(0, len(OPERATIONS), (len(inputs),), generator=generator)
    levels = torch.randint(0, STRENGTHS + 1, (len(inputs),), generator=generator) / STRENGTHS
    directions = 2 * torch.randint(0, 2, (len(inputs),), generator=generator) - 1
    kinds[torch.rand(len(inputs), generator=generator) >= probability] = -1
    return apply_operations(inputs, kinds, directions * levels, WIDE if wide else NARROW)


@dataclass(frozen=True)
class TrivialAugment:
    """One random operation for each image. probability: share of images; wide: the paper's wide ranges."""

    images_only: ClassVar[bool] = True
    probability: float = 1.0
    wide: bool = True

    def __post_init__(self) -> None:
        require_range("probability", self.probability, 0.0, 1.0, usual="1 is usual, and 0 turns it off")

    def __call__(self, recipe: Recipe) -> Recipe:
        return recipe.add(input_edits=partial(edit_trivially, probability=self.probability, wide=self.wide))
