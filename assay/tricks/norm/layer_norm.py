"""Layer norm: normalise each example over all its channels and positions.

    outputs = (inputs - mean) / sqrt(variance + eps) * weight + bias
    mean, variance of one example over channels and positions; weight and bias by channel

It takes the place of every norm of the network, and is group norm with one group.

Source: Ba, Kiros & Hinton 2016 (arXiv:1607.06450), section 3.
Measured: no figure read by us.
Hurts: convolutions, where channels differ and batch norm keeps them apart (Ba et al. 2016, section 6.7).
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn

from assay.recipe import Recipe
from assay.tricks.arguments import require_range
from assay.tricks.norm_swap import swap_norms


@dataclass(frozen=True)
class LayerNorm:
    """Layer norm in the place of every norm. eps: under the root."""

    eps: float = 1e-5

    def __post_init__(self) -> None:
        require_range("eps", self.eps, 0.0, usual="1e-5 is usual")

    def __call__(self, recipe: Recipe) -> Recipe:
        return swap_norms(recipe, self, self.make)

    def make(self, channels: int) -> nn.GroupNorm:
        """The norm for so many channels."""
        return nn.GroupNorm(1, channels, eps=self.eps)
