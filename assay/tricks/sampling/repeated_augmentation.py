"""Repeated augmentation: a batch shows each of its examples several times, each time augmented anew.

    an epoch shows n / repeats different examples, each `repeats` times in a row

With a batch size that `repeats` divides, all copies of an example are in one batch; a smaller batch size than
`repeats` is refused, and so is a smaller training split. Over `repeats` epochs every example is shown, before the next
draw (published code draws every epoch anew). Without augmentation it only repeats.

Source: Hoffer et al. 2019 (arXiv:1901.09335); Berman et al. 2019 (arXiv:1902.05509), with 3 repeats.
Measured: no figure read by us isolates it; it is part of the ImageNet ResNet-50 recipes of Wightman et al. 2021
(A1 80.38 top-1 with 3 repeats).
Hurts: short trainings, which see a part of the data; small batches, of which few examples remain.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from assay.data.loader import order_for_epoch
from assay.errors import InputError
from assay.recipe import Recipe
from assay.tricks.arguments import require_range


@dataclass(frozen=True)
class RepeatedAugmentation:
    """Show each example of a batch more than once. repeats: how often."""

    repeats: int = 3

    def __post_init__(self) -> None:
        require_range("repeats", self.repeats, 1, usual="3 is usual, and 1 turns it off")

    def __call__(self, recipe: Recipe) -> Recipe:
        enough = recipe.batch_size >= self.repeats
        recipe.require(enough, self, f"a batch size of at least its {self.repeats} repeats")
        return recipe.fill(self, sampler=self.order)

    def order(self, targets: Tensor, seed: int, epoch: int) -> Tensor:
        """The sampler: one part of a permutation that lasts `repeats` epochs.

        Raises:
            InputError: there are fewer examples than repeats.
        """
        n = len(targets)
        if n < self.repeats:
            raise InputError(
                f"repeats must be at most the {n} examples of the training split, got {self.repeats}; 3 is usual, "
                "and 1 turns it off"
            )
        turn, part = divmod(epoch, self.repeats)
        shown = -(-n // self.repeats)
        chosen = order_for_epoch(n, seed, turn)[(part * shown + torch.arange(shown)) % n]
        return chosen.repeat_interleave(self.repeats)[:n]
