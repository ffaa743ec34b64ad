"""Confidence penalty: answers that leave nothing open cost extra, so the network stays less sure of itself.

    penalty = strength * mean over examples of sum_k p_k * log(p_k),  p = softmax(outputs)

It is minus the entropy: 0 for a certain answer, -strength * log(classes) for a flat one. Label smoothing pulls
towards the flat answer from its side; this pulls from the answer's.

Source: Pereyra et al. 2017 (arXiv:1701.06548), section 3.
Measured: no figure read by us.
Hurts: a strength near 1 or above: the flat answer then wins over the labels.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from assay.recipe import Recipe
from assay.tricks.arguments import require_range


def negative_entropy(outputs: Float[Tensor, "batch classes"]) -> Float[Tensor, ""]:
    """sum_k p_k * log(p_k) of the softmax, averaged over the batch; in [-log(classes), 0]."""
    log_probabilities = F.log_softmax(outputs, dim=1)
    return (log_probabilities.exp() * log_probabilities).sum(1).mean()


def penalise_confidence(
    model: nn.Module, inputs: Tensor, outputs: Tensor, targets: Tensor, *, strength: float
) -> Tensor:
    """`negative_entropy` as a penalty."""
    return strength * negative_entropy(outputs)


@dataclass(frozen=True)
class ConfidencePenalty:
    """Add the answers' negative entropy. strength: usual 0.1, and 0 turns it off."""

    strength: float = 0.1

    def __post_init__(self) -> None:
        require_range("strength", self.strength, 0.0, usual="0.1 is usual, and 0 turns it off")

    def __call__(self, recipe: Recipe) -> Recipe:
        recipe.require(recipe.task == "classification", self, "a classification task")
        return recipe.add(penalties=partial(penalise_confidence, strength=self.strength))
