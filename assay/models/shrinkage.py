"""Learned soft thresholds: a block sets to 0 what it takes for noise, and draws the rest towards 0.

    level      = average over pixels of |inputs|                        one a channel
    channel-wise    threshold_c = share_c * level_c                     a share and a threshold for each channel
    channel-shared  threshold   = share * (average of level over channels)           one for the whole block
    share      = sigmoid(linear(relu(norm(linear(level)))))             in (0, 1), so no channel is silenced
    outputs    = sign(inputs) * max(|inputs| - threshold, 0)

The hidden layer has a quarter of the channels, as in the authors' code, and at least 2 units.

Source: Zhao et al. 2020, Deep Residual Shrinkage Networks for Fault Diagnosis, IEEE Transactions on Industrial
Informatics 16(7), and its authors' code; soft thresholding: Donoho 1995.
"""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor, nn

REDUCTION = 4


def soft_threshold(inputs: Float[Tensor, "*shape"], thresholds: Float[Tensor, "*#shape"]) -> Float[Tensor, "*shape"]:
    """Draw each value towards 0 by its threshold, and stop at 0; thresholds are at least 0."""
    return inputs.sign() * (inputs.abs() - thresholds).clamp(min=0.0)


class ShrinkageLayer(nn.Module):
    """Soft-threshold feature maps by thresholds that depend on the example.

    shared: one threshold for all channels (DRSN-CS) in place of one for each (DRSN-CW).
    """

    def __init__(self, channels: int, *, shared: bool) -> None:
        super().__init__()
        units = max(2, channels // REDUCTION)
        self.shared = shared
        self.shares = nn.Sequential(
            nn.Linear(channels, units), nn.BatchNorm1d(units), nn.ReLU(),
            nn.Linear(units, 1 if shared else channels), nn.Sigmoid(),
        )  # fmt: skip

    def thresholds(self, inputs: Float[Tensor, "batch channels height width"]) -> Float[Tensor, "batch #channels"]:
        """Of each example, one for all channels or one for each."""
        levels = inputs.abs().mean(dim=(2, 3))
        shares = self.shares(levels)
        return shares * (levels.mean(dim=1, keepdim=True) if self.shared else levels)

    def forward(
        self, inputs: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch channels height width"]:
        return soft_threshold(inputs, self.thresholds(inputs)[:, :, None, None])
