"""Soft threshold: features near 0 are taken for noise and set to 0, on both sides; the rest move towards 0.

    outputs = sign(inputs) * max(|inputs| - threshold, 0)

Unlike ReLU it keeps large negative features. Residual shrinkage networks learn the threshold from each example.

Also: Softshrink.
Source: Donoho 1995, "De-noising by soft-thresholding"; as an activation under noise: Zhao et al. 2020, "Deep
residual shrinkage networks for fault diagnosis", section III.
Measured: no figure read by us for a fixed threshold; learned ones, planetary gearbox at -5 to 5 dB: ResNet 86.25,
with a threshold for each block 88.55, for each channel 89.57 (Zhao et al. 2020).
Hurts: no case read by us; a threshold above most features silences the network, so norm comes before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from torch import nn

from assay.recipe import Recipe
from assay.tricks.activation_swap import swap_activations
from assay.tricks.arguments import require_finite_above_zero


@dataclass(frozen=True)
class SoftThreshold:
    """Replace every activation by `torch.nn.Softshrink`.

    threshold: what counts as noise, above 0, in units of the features (deviation 1 after a norm).
    """

    threshold: float = 0.5

    def __post_init__(self) -> None:
        require_finite_above_zero(
            "threshold", self.threshold, usual="0.5 is PyTorch's default, and 0 would leave a linear network"
        )

    def __call__(self, recipe: Recipe) -> Recipe:
        return swap_activations(recipe, self, partial(nn.Softshrink, self.threshold))
