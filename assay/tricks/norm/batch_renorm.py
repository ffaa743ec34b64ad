"""Batch renorm: batch norm corrected towards the running statistics, so that training sees what evaluation will.

    r = clamp(sqrt(variance + eps) / sqrt(running_variance + eps), 1 / r_limit, r_limit)     no gradient
    d = clamp((mean - running_mean) / sqrt(running_variance + eps), -d_limit, d_limit)       no gradient
    outputs = ((inputs - mean) / sqrt(variance + eps) * r + d) * weight + bias

The limits start at r 1, d 0, which is batch norm, stay there for `start` updates and grow linearly to r_max by
update `r_end`, to d_max by update `d_end`. Defaults: r_max 3, d_max 5, 5,000, 40,000 and 25,000 updates: a training
shorter than `start` is batch norm's. Here the running variance is averaged, as torch does, not the deviation.

Source: Ioffe 2017 (arXiv:1702.03275), algorithm 1 and section 4.1.
Measured: no figure read by us.
Hurts: limits opened before the running statistics are worth trusting.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.modules.batchnorm import _BatchNorm

from assay.models.batch_statistics import channel_statistics, normalise, update_running_statistics
from assay.recipe import Recipe
from assay.tricks.arguments import require_range
from assay.tricks.norm_swap import swap_norms


def limit_at(seen: Tensor, *, first: float, last: float, start: int, end: int) -> Tensor:
    """`first` until `start`, `last` from `end` on, linear in between."""
    share = ((seen - start) / max(1, end - start)).clamp(0.0, 1.0)
    return first + (last - first) * share


class BatchRenormLayer(_BatchNorm):
    """Batch norm with the correction of `options`."""

    def __init__(self, channels: int, options: BatchRenorm) -> None:
        super().__init__(channels)
        self.options = options

    def forward(self, inputs: Float[Tensor, "batch channels ..."]) -> Float[Tensor, "batch channels ..."]:
        if not self.training:
            return super().forward(inputs)
        mean, variance = channel_statistics(inputs)
        # The corrected outputs are those of this mean and variance, in which r and d are constants.
        r, d = self.correction(mean.detach(), variance.detach())
        root = (variance + self.eps).sqrt() / r
        outputs = normalise(self, inputs, mean - d * root, root.square() - self.eps)
        update_running_statistics(self, inputs, mean.detach(), variance.detach())
        return outputs

    @torch.no_grad()
    def correction(self, mean: Tensor, variance: Tensor) -> tuple[Tensor, Tensor]:
        """r and d for a batch of this mean and variance."""
        assert self.running_mean is not None
        assert self.running_var is not None
        assert self.num_batches_tracked is not None
        options, seen = self.options, self.num_batches_tracked
        r_limit = limit_at(seen, first=1.0, last=options.r_max, start=options.start, end=options.r_end)
        d_limit = limit_at(seen, first=0.0, last=options.d_max, start=options.start, end=options.d_end)
        deviation = (self.running_var + self.eps).sqrt()
        r = ((variance + self.eps).sqrt() / deviation).clamp(1.0 / r_limit, r_limit)
        return r, ((mean - self.running_mean) / deviation).clamp(-d_limit, d_limit)

    def _check_input_dim(self, input: Tensor) -> None:
        """Any will do."""


@dataclass(frozen=True)
class BatchRenorm:
    """Batch renorm in the place of every norm.

    r_max, d_max: bounds of the correction; 1 and 0 are batch norm; start: updates of plain batch norm; r_end, d_end:
    updates at which the bounds have grown to r_max and d_max.
    """

    r_max: float = 3.0
    d_max: float = 5.0
    start: int = 5_000
    r_end: int = 40_000
    d_end: int = 25_000

    def __post_init__(self) -> None:
        require_range("r_max", self.r_max, 1.0, usual="3 is usual, and 1 with d_max 0 is batch norm")
        require_range("d_max", self.d_max, 0.0, usual="5 is usual, and 0 with r_max 1 is batch norm")
        require_range("start", self.start, 0, usual="5000 updates are usual")
        require_range("r_end", self.r_end, self.start, usual="40000 updates are usual")
        require_range("d_end", self.d_end, self.start, usual="25000 updates are usual")

    def __call__(self, recipe: Recipe) -> Recipe:
        return swap_norms(recipe, self, self.make)

    def make(self, channels: int) -> BatchRenormLayer:
        """The norm for so many channels."""
        return BatchRenormLayer(channels, self)
