"""Gradient centralisation: each unit's gradient loses its mean, so the sum of its weights never moves.

    gradient <- gradient - mean of the gradient over the inputs of its unit     (rows of matrices, filters)

Vectors (biases, norms) are left alone. Weight decay, which the optimiser adds later, still moves the sums.

Source: Yong et al. 2020 (arXiv:2004.01461), section 3.2.
Measured: no figure read by us.
Hurts: a unit of one input, whose gradient it would take away; such are left alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from assay.recipe import Recipe


def centralise(gradient: Float[Tensor, "units *inputs"]) -> Float[Tensor, "units *inputs"]:
    """The gradient with a mean of 0 over each unit's inputs; vectors and single inputs as they are."""
    if gradient.ndim < 2 or gradient[0].numel() < 2:
        return gradient
    return gradient - gradient.mean(dim=tuple(range(1, gradient.ndim)), keepdim=True)


@torch.no_grad()
def centralise_gradients(parameters: Iterable[nn.Parameter]) -> None:
    """`centralise` each gradient in place, as a gradient edit."""
    for parameter in parameters:
        if parameter.grad is not None and parameter.grad.ndim > 1:
            parameter.grad.copy_(centralise(parameter.grad))


@dataclass(frozen=True)
class GradientCentralisation:
    """Take the mean out of each unit's gradient."""

    def __call__(self, recipe: Recipe) -> Recipe:
        return recipe.add(gradient_edits=centralise_gradients)
