"""Mixup or CutMix: each batch is either blended or pasted, never both.

    with probability cutmix_share   CutMix with Beta(cutmix_alpha, cutmix_alpha)
    otherwise                       mixup  with Beta(mixup_alpha, mixup_alpha)

Where both stand in a recipe as tricks of their own, a batch may get one after the other: up to four images in one.

Source: Wightman et al. 2021 (arXiv:2110.00476), whose code draws one of the two with equal chances; torchvision's
reference training does the same (Vryniotis 2021).
Measured: part of ImageNet ResNet-50 recipes A1, A2, A3 with 80.38, 79.83, 78.05 top-1 (Wightman et al. 2021) and of
torchvision's 80.858 (Vryniotis 2021); no figure read by us isolates it.
Hurts: short trainings and small networks, as mixup does; objects much smaller than the box, as CutMix does.
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
from assay.tricks.batch.cutmix import edit_cutmix
from assay.tricks.batch.mixup import edit_mixup
from assay.tricks.beta import SMALLEST_ALPHA, require_alpha


def edit_one_way(
    inputs: Tensor, targets: Tensor, generator: torch.Generator, clock: Clock,
    *, mixup_alpha: float, cutmix_alpha: float, cutmix_share: float,
) -> tuple[Tensor, Tensor]:  # fmt: skip
    """Batch edit: draw which of the two, and do that."""
    if float(torch.rand((), generator=generator)) < cutmix_share:
        return edit_cutmix(inputs, targets, generator, clock, alpha=cutmix_alpha, probability=1.0)
    return edit_mixup(inputs, targets, generator, clock, alpha=mixup_alpha)


@dataclass(frozen=True)
class MixupOrCutMix:
    """Mix each batch in one of two ways.

    mixup_alpha: `Mixup`'s; cutmix_alpha: `CutMix`'s; cutmix_share: of batches that are pasted; the rest are blended.
    """

    images_only: ClassVar[bool] = True
    mixup_alpha: float = 0.2
    cutmix_alpha: float = 1.0
    cutmix_share: float = 0.5

    def __post_init__(self) -> None:
        usual = "0.2 is usual, and 0 leaves these batches as they are"
        require_alpha(self.mixup_alpha, usual=usual, name="mixup_alpha")
        require_range("cutmix_alpha", self.cutmix_alpha, SMALLEST_ALPHA, usual="1 is usual")
        require_range("cutmix_share", self.cutmix_share, 0.0, 1.0, usual="0.5 is usual, and 0 is mixup alone")

    def __call__(self, recipe: Recipe) -> Recipe:
        recipe.require(recipe.task == "classification", self, "a classification task")
        options = {"mixup_alpha": self.mixup_alpha, "cutmix_alpha": self.cutmix_alpha}
        return recipe.claim(self, "blended_examples", "pasted_boxes").add(
            batch_edits=partial(edit_one_way, **options, cutmix_share=self.cutmix_share)
        )
