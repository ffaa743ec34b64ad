"""Shrinkage: each residual branch ends in a soft threshold that it learns to set, so noise becomes 0.

    outputs = sign(x) * max(|x| - threshold, 0),  threshold = sigmoid(two layers of level) * level
    level   = average of |x| over pixels                x: what the branch gives

`channel-wise` (DRSN-CW) learns a threshold for each channel, `channel-shared` (DRSN-CS) one for the block.
`assay.models.shrinkage` has the layer.

Also: DRSN, deep residual shrinkage network.
Source: Zhao et al. 2020, Deep Residual Shrinkage Networks for Fault Diagnosis (IEEE TII 16(7)).
Measured: planetary gearbox vibration, 8 classes, noise of -5 to 5 dB, 10 folds: accuracy ResNet 86.25,
channel-shared 88.55, channel-wise 89.57; without noise 99.54, 99.65, 99.70 (Zhao et al. 2020).
Hurts: time: 978 -> 1,585 and 1,511 s in the same table; clean data gains next to nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from assay.models.resnet import ResNet
from assay.recipe import Recipe
from assay.tricks.arguments import require_choice

OPTIONS = {"channel-wise": "shrinkage", "channel-shared": "shared-shrinkage"}
"""What `ResNet(attention=...)` calls them."""


@dataclass(frozen=True)
class Shrinkage:
    """End each residual branch of a ResNet in learned thresholds. thresholds: `channel-wise` or `channel-shared`."""

    thresholds: Literal["channel-wise", "channel-shared"] = "channel-wise"

    def __post_init__(self) -> None:
        require_choice("thresholds", self.thresholds, tuple(OPTIONS))

    def __call__(self, recipe: Recipe) -> Recipe:
        recipe.require(isinstance(recipe.model, ResNet), self, "a ResNet")
        return recipe.set_options(self, "model", attention=OPTIONS[self.thresholds])
