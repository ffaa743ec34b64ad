"""Channel attention: a block weighs its channels by what the whole image shows.

    outputs = inputs * sigmoid(linear(relu(linear(average over pixels of inputs))))

The hidden layer has a sixteenth of the channels, but at least 4: the widths of networks for small images
would leave one or two units.

Source: Hu et al. 2017 (arXiv:1709.01507), section 3, equations 2 to 4.
"""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor, nn

REDUCTION = 16
FEWEST_UNITS = 4


class ChannelAttention(nn.Module):
    """Scale each channel by a share in (0, 1) that depends on the averages of all channels."""

    def __init__(self, channels: int, reduction: int = REDUCTION) -> None:
        super().__init__()
        units = max(FEWEST_UNITS, channels // reduction)
        self.shares = nn.Sequential(
            nn.Linear(channels, units), nn.ReLU(), nn.Linear(units, channels), nn.Sigmoid()
        )  # fmt: skip

    def forward(
        self, inputs: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch channels height width"]:
        return inputs * self.shares(inputs.mean(dim=(2, 3)))[:, :, None, None]
