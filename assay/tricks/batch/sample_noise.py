"""Sample noise: Gaussian noise on the inputs, so that small changes do not change the answer.

    inputs = inputs + std * N(0, 1), drawn anew for every number

It acts after normalisation: std is in deviations of the channel or column. For images, vectors and signals.

Also: Gaussian noise.
Source: Sietsma & Dow 1991; Goodfellow et al. 2016, section 7.5.
Measured: no figure read by us isolates it.
Hurts: fine texture and small differences between columns, once the noise is larger than they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from assay.recipe import Recipe
from assay.schedule import Clock
from assay.tricks.arguments import require_range


def edit_noise(
    inputs: Tensor, targets: Tensor, generator: torch.Generator, clock: Clock, *, std: float
) -> tuple[Tensor, Tensor]:
    """Batch edit: fresh noise on every number; targets unchanged."""
    if std == 0.0:
        return inputs, targets
    noise = torch.randn(inputs.shape, generator=generator).to(inputs)
    return noise.mul_(std).add_(inputs), targets


@dataclass(frozen=True)
class SampleNoise:
    """Add Gaussian noise to normalised inputs. std: its deviation, in deviations of the inputs."""

    std: float = 0.1

    def __post_init__(self) -> None:
        require_range("std", self.std, 0.0, usual="0.1 is usual, and 0 turns it off")

    def __call__(self, recipe: Recipe) -> Recipe:
        return recipe.add(batch_edits=partial(edit_noise, std=self.std))
