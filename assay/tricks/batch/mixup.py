"""Mixup: train on blends of two examples with blended targets; the network becomes linear in between.

    share   ~ Beta(alpha, alpha), one for the batch
    inputs  = share * inputs  + (1 - share) * inputs[partner]
    targets = share * targets + (1 - share) * targets[partner]

Source: Zhang et al. 2017, equation 1 (arXiv:1710.09412).
Measured: ImageNet ResNet-50-D 78.31 -> 79.15 top-1 with alpha 0.2 and 120 -> 200 epochs (He et al. 2018,
table 6); CIFAR-10 ResNet-56 93.6 -> 94.2, WRN-28-10 95.6 -> 97.2 (gluon-cv).
Hurts: small networks (ImageNet MobileNetV2 72.456 -> 71.844, in a repository of small ablations) and segmentation
(He et al. 2018, table 9).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import torch
from jaxtyping import Float, Int
from torch import Tensor

from assay.recipe import Recipe
from assay.schedule import Clock
from assay.tricks.arguments import require_range, require_rows
from assay.tricks.beta import draw_beta, require_alpha


def mixup(
    inputs: Float[Tensor, "batch *shape"],
    targets: Float[Tensor, "batch outputs"],
    partner: Int[Tensor, " batch"],
    *,
    share: float,
) -> tuple[Float[Tensor, "batch *shape"], Float[Tensor, "batch outputs"]]:
    """Blend each example with its partner; target rows keep their sum.

    Args:
        share: what remains of the example itself, in [0, 1].
    Raises:
        ValueError: share is outside [0, 1], or targets are class numbers.
    """
    require_range("share", share, 0.0, 1.0, usual="1 keeps the batch as it is")
    require_rows(targets)
    partner = partner.to(inputs.device)
    # In place on the copy that index_select makes: half the memory traffic of a fresh result.
    return (
        inputs.index_select(0, partner).lerp_(inputs, share),
        targets.index_select(0, partner).lerp_(targets, share),
    )


def edit_mixup(
    inputs: Tensor, targets: Tensor, generator: torch.Generator, clock: Clock, *, alpha: float
) -> tuple[Tensor, Tensor]:
    """Batch edit: draw one share and one permutation, and blend."""
    if alpha == 0.0:
        return inputs, targets
    share = draw_beta(alpha, generator)
    return mixup(inputs, targets, torch.randperm(len(inputs), generator=generator), share=share)


@dataclass(frozen=True)
class Mixup:
    """Blend pairs of examples. alpha: 0.2 for ImageNet, up to 1 for CIFAR; larger blends more."""

    alpha: float = 0.2

    def __post_init__(self) -> None:
        require_alpha(self.alpha, usual="0.2 is usual, and 0 turns it off")

    def __call__(self, recipe: Recipe) -> Recipe:
        return recipe.claim(self, "blended_examples").add(batch_edits=partial(edit_mixup, alpha=self.alpha))
