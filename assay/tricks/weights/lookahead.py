"""Lookahead: every k steps the weights fall back part of the way to where they were k steps before.

    every k-th update, and at the last:   slow <- slow + kept * (weight - slow);   weight <- slow
    kept = 1 - (1 - share) * (finished steps / total_steps) ** rise

`slow` starts at the first weights. Works over any optimiser, whose own moments go on as they were. With rise 0 the
same share is kept throughout; above it the pull back grows from nothing, fast first and averaged at the end
(airbench: share 1 - 0.95^5, rise 3).

Source: Zhang et al. 2019 (arXiv:1907.08610), algorithm 1; Jordan 2024 (arXiv:2404.00498) and its code for the rise.
Measured: no figure read by us for Lookahead alone; part of airbench94 (CIFAR-10 to 94.01 % in 9.9 epochs, one A100).
Hurts: with rise 0, a training of fewer than some tens of k steps: it moves at `share` of the speed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from assay.recipe import Recipe
from assay.schedule import Clock
from assay.tricks.arguments import require_range


@dataclass(frozen=True)
class Lookahead:
    """Pull the weights towards slow ones every few steps. It is its own weight edit.

    every: updates between two pulls, at least 1; usual 5 or 6. share: of the way that is kept, at the end if the
    pull rises, in [0, 1]; usual 0.5; 1 turns it off. rise: power of progress by which the pull grows; 0 is at once.
    """

    at_moments: ClassVar[bool] = True
    every: int = 5
    share: float = 0.5
    rise: float = 0.0

    def __post_init__(self) -> None:
        require_range("every", self.every, 1, usual="the usual value is 5")
        require_range("share", self.share, 0.0, 1.0, usual="the usual value is 0.5, and 1 turns it off")
        require_range("rise", self.rise, 0.0, usual="0 pulls alike throughout, and airbench's is 3")

    def __call__(self, recipe: Recipe) -> Recipe:
        return recipe.add(weight_edits=self)

    def start(self, model: nn.Module) -> dict[str, Tensor]:
        """The slow weights: copies of the first."""
        return {name: value.detach().clone() for name, value in model.named_parameters()}

    @torch.no_grad()
    def edit(self, state: dict[str, Tensor], model: nn.Module, clock: Clock) -> None:
        """Bring slow and fast weights together where it is time."""
        finished = clock.step + 1
        if finished % self.every and finished != clock.total_steps:
            return
        kept = 1.0 - (1.0 - self.share) * (finished / clock.total_steps) ** self.rise
        weights = dict(model.named_parameters())
        slow = [state[name] for name in weights]
        torch._foreach_lerp_(slow, list(weights.values()), kept)
        torch._foreach_copy_(list(weights.values()), slow)
