"""Balanced sampling: an epoch shows rare classes more often and frequent ones less, up to equally often.

    examples of class k in an epoch ~ count_k ^ (1 - strength), n together (largest remainders)

Within a class every example is shown before one is shown again; who is left out changes from epoch to epoch.

Also: class-balanced sampling, oversampling.
Source: Wei, "Must Know Tips/Tricks in Deep Neural Networks", on imbalanced data (up- and down-sampling); the
power: Kang et al. 2019 (arXiv:1910.09217).
Measured: no figure read by us isolates it.
Hurts: probabilities, which then follow the equal shares, not the true ones; few examples shown often are learned by
heart; the frequent classes lose accuracy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Int
from torch import Tensor

from assay.data.loader import order_for_epoch
from assay.randomness import generator_for
from assay.recipe import Recipe
from assay.tricks.arguments import require_range


def quotas(counts: Int[Tensor, " classes"], *, strength: float) -> Int[Tensor, " classes"]:
    """How many examples of each class an epoch shows; their sum is that of the counts."""
    total = int(counts.sum())
    weights = torch.where(counts > 0, counts.double() ** (1.0 - strength), 0.0)
    exact = total * weights / weights.sum()
    whole = exact.floor().long()
    remainders = torch.where(counts > 0, exact - whole, -1.0)
    whole[remainders.argsort(descending=True, stable=True)[: total - int(whole.sum())]] += 1
    return whole


def balanced_order(targets: Int[Tensor, " n"], generator: torch.Generator, *, strength: float) -> Int[Tensor, " n"]:
    """Indices of one epoch, shuffled."""
    counts = torch.bincount(targets)
    wanted = quotas(counts, strength=strength)
    # Examples shuffled, then sorted by class: each class is a run, read around as often as it is wanted.
    shuffled = torch.randperm(len(targets), generator=generator)
    runs = shuffled[targets[shuffled].argsort(stable=True)]
    starts, classes = counts.cumsum(0) - counts, torch.arange(len(counts)).repeat_interleave(wanted)
    position = torch.arange(len(targets)) - (wanted.cumsum(0) - wanted)[classes]
    chosen = runs[starts[classes] + position % counts[classes]]
    return chosen[torch.randperm(len(chosen), generator=generator)]


@dataclass(frozen=True)
class BalancedSampling:
    """Show classes equally often. strength: 1 equal, 0.5 by the root of their counts, 0 as they are."""

    strength: float = 1.0

    def __post_init__(self) -> None:
        require_range("strength", self.strength, 0.0, 1.0, usual="1 shows classes equally often, and 0 turns it off")

    def __call__(self, recipe: Recipe) -> Recipe:
        recipe.require(recipe.task == "classification", self, "a classification task")
        return recipe.fill(self, sampler=self.order)

    def class_shares(self, frequencies: Sequence[float]) -> list[float]:
        """How frequent each class is in what training sees, from how frequent it is in the split."""
        weights = [share ** (1.0 - self.strength) if share > 0.0 else 0.0 for share in frequencies]
        return [weight / sum(weights) for weight in weights]

    def order(self, targets: Tensor, seed: int, epoch: int) -> Tensor:
        """The sampler: indices of this epoch."""
        if self.strength == 0.0:
            return order_for_epoch(len(targets), seed, epoch)
        return balanced_order(targets, generator_for(seed, "balanced order", epoch), strength=self.strength)
