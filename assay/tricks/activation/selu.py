"""SELU: an ELU scaled so that deep fully connected layers keep mean 0 and variance 1 by themselves.

    outputs = 1.0507 * inputs                         where inputs > 0
            = 1.0507 * 1.6733 * (e ^ inputs - 1)      elsewhere

The fixed point holds for weights of variance 1 / fan_in, which `LecunInit` draws, and without a norm.

Source: Klambauer et al. 2017 (arXiv:1706.02515), equation 2.
Measured: no figure read by us.
Hurts: no case read by us; beside a norm, which does the same work, there is nothing to gain, and plain dropout
moves mean and variance.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn

from assay.recipe import Recipe
from assay.tricks.activation_swap import swap_activations


@dataclass(frozen=True)
class SELU:
    """Replace every activation by `torch.nn.SELU`."""

    def __call__(self, recipe: Recipe) -> Recipe:
        return swap_activations(recipe, self, nn.SELU)
