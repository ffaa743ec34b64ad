"""Logit penalty: outputs that are large together cost extra, so their common size cannot drift away.

    penalty = strength * mean over examples of log(sum_k exp(outputs_k))^2

The softmax does not see a constant that is added to all outputs; this does. It keeps half precision in range.

Also: z-loss.
Source: Devlin et al. 2014, "Fast and Robust Neural Network Joint Models for Statistical Machine Translation"
(self-normalisation); as an auxiliary "z-loss" with 1e-4: Chowdhery et al. 2022 (arXiv:2204.02311).
Measured: no figure read by us.
Hurts: losses that give a meaning to the outputs' size, such as binary cross entropy.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from torch import Tensor, nn

from assay.recipe import Recipe
from assay.tricks.arguments import require_range


def penalise_size(model: nn.Module, inputs: Tensor, outputs: Tensor, targets: Tensor, *, strength: float) -> Tensor:
    """The squared logarithm of the softmax's denominator, averaged over the batch."""
    return strength * outputs.logsumexp(1).square().mean()


@dataclass(frozen=True)
class LogitPenalty:
    """Add the squared log-sum-exp of the outputs. strength: usual 1e-4, and 0 turns it off."""

    strength: float = 1e-4

    def __post_init__(self) -> None:
        require_range("strength", self.strength, 0.0, usual="1e-4 is usual, and 0 turns it off")

    def __call__(self, recipe: Recipe) -> Recipe:
        recipe.require(recipe.task == "classification", self, "a classification task")
        return recipe.add(penalties=partial(penalise_size, strength=self.strength))
