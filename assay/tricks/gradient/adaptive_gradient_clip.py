"""Adaptive gradient clipping: no unit's gradient is longer than a set share of the unit's weights.

    bound    =  share * max(norm(weights of the unit), 0.001)
    gradient <- gradient * min(1, bound / norm(gradient of the unit))

A unit is a row of a matrix and a filter of a convolution; a vector (biases, norms) is one unit as a whole. The
floor lets units that start at 0 move. The paper leaves the last linear layer unclipped; here it is clipped too.

Also: AGC.
Source: Brock et al. 2021 (arXiv:2102.06171), section 4.1.
Measured: no figure read by us.
Hurts: shares far below 0.01, which slow all of training; networks with batch norm, which have little need of it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

import torch
from jaxtyping import Float
from torch import Tensor, nn

from assay.recipe import Recipe
from assay.tricks.arguments import require_above_zero

FLOOR = 1e-3
USUAL = "the usual value is 0.01, and infinity turns it off"


def unit_norms(values: Float[Tensor, "*shape"]) -> Float[Tensor, "*unit"]:
    """The norm of each unit, in a shape that broadcasts with the values."""
    dimensions = tuple(range(values.ndim)) if values.ndim <= 1 else tuple(range(1, values.ndim))
    return torch.linalg.vector_norm(values, dim=dimensions, keepdim=True) if values.ndim else values.abs()


@torch.no_grad()
def clip_by_unit(parameters: Iterable[nn.Parameter], *, share: float) -> None:
    """Scale the gradient of each unit, in place, to at most `share` of the unit's norm.

    Args:
        share: above 0; usual 0.01 (large batches) to 0.1. Infinity changes nothing.
    Raises:
        ValueError: share is not above 0.
    """
    require_above_zero("share", share, usual=USUAL)
    for parameter in parameters:
        if parameter.grad is not None and math.isfinite(share):
            bounds = share * unit_norms(parameter).clamp(min=FLOOR)
            lengths = unit_norms(parameter.grad)
            parameter.grad.mul_(torch.where(lengths > bounds, bounds / lengths, torch.ones_like(lengths)))


def edit_units(parameters: list[nn.Parameter], *, share: float) -> None:
    """`clip_by_unit` as a gradient edit."""
    clip_by_unit(parameters, share=share)


@dataclass(frozen=True)
class AdaptiveGradientClip:
    """Bound each unit's gradient by the unit's own size.

    share: above 0; usual 0.01 to 0.1.
    """

    share: float = 0.01

    def __post_init__(self) -> None:
        require_above_zero("share", self.share, usual=USUAL)

    def __call__(self, recipe: Recipe) -> Recipe:
        return recipe.add(gradient_edits=partial(edit_units, share=self.share))
