"""Orthogonal penalty: the rows of each weight matrix are pushed to be of length 1 and at right angles.

    penalty = strength * sum over layers of ||W W^T - 1||^2,   W = weight as a (outputs, inputs) matrix

A layer with more outputs than inputs has its columns pushed instead (W^T W), as its rows cannot all be at right
angles. Signals then keep their size through linear layers in both directions.

Source: Bansal et al. 2018 (arXiv:1810.09102), "soft orthogonality".
Measured: no figure read by us.
Hurts: together with weight decay, which pulls the same lengths to 0; wide layers, where the products cost time.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import torch
from jaxtyping import Float
from torch import Tensor, nn

from assay.models.penalised_weights import multiplying_weights
from assay.recipe import Recipe
from assay.tricks.arguments import require_range


def distance_from_orthogonal(weight: Float[Tensor, "outputs *inputs"]) -> Float[Tensor, ""]:
    """||W W^T - 1||^2 over the smaller side; 0 where the smaller side's vectors are orthonormal."""
    matrix = weight.flatten(1)
    matrix = matrix if len(matrix) <= matrix.shape[1] else matrix.T
    return (matrix @ matrix.T - torch.eye(len(matrix), dtype=matrix.dtype, device=matrix.device)).square().sum()


def penalise_skew(model: nn.Module, inputs: Tensor, outputs: Tensor, targets: Tensor, *, strength: float) -> Tensor:
    """`distance_from_orthogonal` of all layers as a penalty."""
    return strength * sum(map(distance_from_orthogonal, multiplying_weights(model)), start=outputs.new_zeros(()))


@dataclass(frozen=True)
class OrthogonalPenalty:
    """Push weights towards orthogonal ones. strength: usual 1e-4 to 1e-2, and 0 turns it off."""

    strength: float = 1e-4

    def __post_init__(self) -> None:
        require_range("strength", self.strength, 0.0, usual="1e-4 is usual, and 0 turns it off")

    def __call__(self, recipe: Recipe) -> Recipe:
        return recipe.add(penalties=partial(penalise_skew, strength=self.strength))
