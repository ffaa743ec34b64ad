"""Ghost batch norm: a large batch is normalised in small parts, and keeps the noise of small batches.

    inputs  = max(1, batch // size) parts of equal length, or one example apart
    outputs = batch norm of each part by its own mean and variance

Every part updates the running statistics in turn, as small batches would; evaluation is batch norm's. No part
is shorter than `size`, so a batch of less than two parts is plain batch norm, exactly.

Also: GBN.
Source: Hoffer, Hubara & Soudry 2017 (arXiv:1705.08741), algorithm 1.
Measured: CIFAR-10 pre-activation ResNet-20 error 12.35 -> 11.51 % at batch 8192 and 10.32 -> 9.73 % at batch 4096,
size 128 (hysts/pytorch_image_classification).
Hurts: small sizes: the statistics of a few examples mislead, as batch norm's do at that batch.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.modules.batchnorm import _BatchNorm

from assay.recipe import Recipe
from assay.tricks.arguments import require_range
from assay.tricks.norm_swap import swap_norms


class GhostBatchNormLayer(_BatchNorm):
    """Batch norm of parts of the batch, for inputs of any number of dimensions."""

    def __init__(self, channels: int, size: int) -> None:
        super().__init__(channels)
        self.size = size

    def forward(self, inputs: Float[Tensor, "batch channels ..."]) -> Float[Tensor, "batch channels ..."]:
        parts = inputs.tensor_split(max(1, len(inputs) // self.size)) if self.training else [inputs]
        return torch.cat([_BatchNorm.forward(self, part) for part in parts])

    def _check_input_dim(self, input: Tensor) -> None:
        """Any will do."""


@dataclass(frozen=True)
class GhostBatchNorm:
    """Ghost batch norm in the place of every norm. size: examples a part; the batch's own size turns it off."""

    size: int = 128

    def __post_init__(self) -> None:
        require_range("size", self.size, 1, usual="16 to 128 are usual, and the batch's own size turns it off")

    def __call__(self, recipe: Recipe) -> Recipe:
        return swap_norms(recipe, self, self.make)

    def make(self, channels: int) -> GhostBatchNormLayer:
        """The norm for so many channels."""
        return GhostBatchNormLayer(channels, self.size)
