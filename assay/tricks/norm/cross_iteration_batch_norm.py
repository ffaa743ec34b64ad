"""Cross-iteration batch norm: statistics of the last batches together, for batches too small for their own.

    mean     = average of the means of this batch and the window - 1 before it
    variance = average of their variances + variance of their means
    outputs  = (inputs - mean) / sqrt(variance + eps) * weight + bias

Gradients flow through this batch's share alone. Evaluation is batch norm's, by running averages. A window of 1
is batch norm; until `window` batches were seen, those seen count.

Simplified: there is no Taylor compensation. Yao et al. correct old statistics for how far the weights have moved
since; here they are used as they were, which is what they call naive. YOLOv4's
CmBN joins the parts of one accumulated batch only, between which weights do not move: there it is the same.

Source: Yao et al. 2020 (arXiv:2002.05712); Bochkovskiy, Wang & Liao 2020 (arXiv:2004.10934), figure 4.
Measured: no figure read by us, and none for the naive form.
Hurts: fast learning: at a high rate the weights, and so the statistics, move much within a window.
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

Statistics = Float[Tensor, " channels"]
Past = Float[Tensor, "past channels"]


def join_statistics(
    mean: Statistics, variance: Statistics, past_means: Past, past_variances: Past, *, seen: Tensor
) -> tuple[Statistics, Statistics]:
    """Mean and variance of this batch and the first `seen` of the past ones, all of one weight."""
    counts = (torch.arange(len(past_means), device=mean.device) < seen).to(mean.dtype).unsqueeze(1)
    total = 1.0 + counts.sum()
    joint = (mean + (counts * past_means).sum(0)) / total
    between = (mean - joint).square() + (counts * (past_means - joint).square()).sum(0)
    within = variance + (counts * past_variances).sum(0)
    return joint, (within + between) / total


class CrossIterationBatchNormLayer(_BatchNorm):
    """Batch norm that remembers the statistics of the last batches in buffers, newest first."""

    past_means: Tensor
    past_variances: Tensor

    def __init__(self, channels: int, window: int) -> None:
        super().__init__(channels)
        self.register_buffer("past_means", torch.zeros(window - 1, channels))
        self.register_buffer("past_variances", torch.zeros(window - 1, channels))

    def forward(self, inputs: Float[Tensor, "batch channels ..."]) -> Float[Tensor, "batch channels ..."]:
        if not self.training:
            return super().forward(inputs)
        mean, variance = channel_statistics(inputs)
        assert self.num_batches_tracked is not None
        # Copies: what backward reads must not be changed below.
        past = self.past_means.clone(), self.past_variances.clone()
        joint = join_statistics(mean, variance, *past, seen=self.num_batches_tracked.clone())
        self.remember(mean.detach(), variance.detach())
        update_running_statistics(self, inputs, mean.detach(), variance.detach())
        return normalise(self, inputs, *joint)

    @torch.no_grad()
    def remember(self, mean: Tensor, variance: Tensor) -> None:
        """Put one batch's statistics in front; the oldest go."""
        for past, newest in ((self.past_means, mean), (self.past_variances, variance)):
            past.copy_(torch.cat([newest.unsqueeze(0), past])[: len(past)])

    def _check_input_dim(self, input: Tensor) -> None:
        """Any will do."""


@dataclass(frozen=True)
class CrossIterationBatchNorm:
    """Cross-iteration batch norm in the place of every norm. window: batches; 1 is batch norm."""

    window: int = 4

    def __post_init__(self) -> None:
        require_range("window", self.window, 1, usual="4 to 8 are usual, and 1 is batch norm")

    def __call__(self, recipe: Recipe) -> Recipe:
        return swap_norms(recipe, self, self.make)

    def make(self, channels: int) -> CrossIterationBatchNormLayer:
        """The norm for so many channels."""
        return CrossIterationBatchNormLayer(channels, self.window)
