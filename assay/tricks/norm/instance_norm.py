"""Instance norm: normalise each channel of each example over its positions; contrast and brightness are gone.

    outputs = (inputs - mean) / sqrt(variance + eps) * weight + bias
    mean, variance of one example and channel over all positions; weight and bias by channel

It takes the place of every norm of the network but `BatchNorm1d`, whose vectors have one value a channel; it is the
same in training and evaluation.

Source: Ulyanov, Vedaldi & Lempitsky 2016 (arXiv:1607.08022), section 2; its own use is style transfer.
Measured: no figure read by us.
Hurts: classification where the level of a feature matters, which this norm removes; maps of one position are
refused, for they would become 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from jaxtyping import Float
from torch import Tensor, nn

from assay.errors import InputError
from assay.recipe import Recipe
from assay.tricks.arguments import require_range
from assay.tricks.norm_swap import swap_norms


class InstanceNormLayer(nn.GroupNorm):
    """One group for each channel; torch's own takes (batch, channels) for one unbatched example."""

    def __init__(self, channels: int, eps: float = 1e-5) -> None:
        super().__init__(channels, channels, eps=eps)

    def forward(self, inputs: Float[Tensor, "batch channels ..."]) -> Float[Tensor, "batch channels ..."]:
        if inputs.shape[2:].numel() == 1:
            raise InputError(
                f"InstanceNorm needs several positions a channel, got inputs of shape {tuple(inputs.shape)}, which it "
                "would make 0; use LayerNorm or GroupNorm, larger inputs or fewer stages"
            )
        return super().forward(inputs)


@dataclass(frozen=True)
class InstanceNorm:
    """Instance norm in the place of every norm. eps: under the root."""

    images_only: ClassVar[bool] = True
    eps: float = 1e-5

    def __post_init__(self) -> None:
        require_range("eps", self.eps, 0.0, usual="1e-5 is usual")

    def __call__(self, recipe: Recipe) -> Recipe:
        return swap_norms(recipe, self, self.make, keep=(nn.BatchNorm1d,))

    def make(self, channels: int) -> InstanceNormLayer:
        """The norm for so many channels."""
        return InstanceNormLayer(channels, self.eps)
