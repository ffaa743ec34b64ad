"""AugMix: blend several short chains of operations into the image: varied, yet close to what it was.

    chain_i = 1, 2 or 3 random operations after each other, each at level U(0.01, severity / 10) of its range
    mix     = sum_i weight_i * chain_i,  weight ~ Dirichlet(alpha, ..., alpha)
    inputs  = (1 - share) * inputs + share * mix,  share ~ Beta(alpha, alpha)

The mixing alone, without the paper's Jensen-Shannon consistency loss, which needs three passes a step. Operations
are RandAugment's without color, contrast, sharpness and brightness, which the paper keeps for its tests.

Source: Hendrycks et al. 2019, algorithm 1 (arXiv:1912.02781); 3 chains, severity 3, alpha 1.
Measured: no figure read by us; the paper reports it for corrupted images (CIFAR-10-C, ImageNet-C).
Hurts: clean accuracy gains little; a step costs six operations on every image.
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
from assay.tricks.beta import SMALLEST_ALPHA, draw_dirichlet
from assay.tricks.colours import per_image, require_byte_images
from assay.tricks.image_operations import (
    GEOMETRIC,
    NARROW,
    apply_operations,
    auto_contrast,
    equalize,
    posterize,
    solarize,
)
from assay.tricks.sampling_grid import as_before

CHAINED = (auto_contrast, equalize, posterize, solarize, *GEOMETRIC)
LONGEST = 3


def chain(images: Tensor, generator: torch.Generator, *, severity: float) -> Tensor:
    """One to three random operations on each image, after each other."""
    lengths = torch.randint(1, LONGEST + 1, (len(images),), generator=generator)
    for position in range(LONGEST):
        kinds = torch.randint(0, len(CHAINED), (len(images),), generator=generator)
        levels = 0.01 + (severity / 10 - 0.01) * torch.rand(len(images), generator=generator)
        directions = 2 * torch.randint(0, 2, (len(images),), generator=generator) - 1
        kinds[lengths <= position] = -1
        images = apply_operations(images, kinds, directions * levels, NARROW, CHAINED)
    return images


def edit_chains(
    inputs: Tensor, indices: Tensor, generator: torch.Generator, clock: Clock,
    *, chains: int, severity: float, alpha: float,
) -> Tensor:  # fmt: skip
    """Input edit: fresh chains and weights for every image."""
    require_images(inputs, "AugMix")
    if chains == 0:
        return inputs
    require_byte_images(inputs, "AugMix")
    weights = draw_dirichlet(len(inputs), chains, alpha, generator).float()
    share = per_image(draw_dirichlet(len(inputs), 2, alpha, generator)[:, 0].float(), inputs)
    images = inputs.to(torch.float32)
    mix = torch.zeros_like(images)
    for weight in weights.unbind(1):
        mix += per_image(weight, inputs) * chain(inputs, generator, severity=severity)
    return as_before(torch.lerp(images, mix, share), inputs.dtype)


@dataclass(frozen=True)
class AugMix:
    """Blend chains of operations. chains: how many; severity: largest strength, 1 to 10; alpha: evenness of weights."""

    images_only: ClassVar[bool] = True
    chains: int = 3
    severity: float = 3.0
    alpha: float = 1.0

    def __post_init__(self) -> None:
        require_range("chains", self.chains, 0, usual="3 is usual, and 0 turns it off")
        require_range("severity", self.severity, 0.1, 10.0, usual="3 is usual")
        require_range("alpha", self.alpha, SMALLEST_ALPHA, usual="1 is usual")

    def __call__(self, recipe: Recipe) -> Recipe:
        options = {"chains": self.chains, "severity": self.severity, "alpha": self.alpha}
        return recipe.add(input_edits=partial(edit_chains, **options))
