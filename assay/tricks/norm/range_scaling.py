"""Range scaling: inputs go from -1 to 1 in place of mean 0 and deviation 1.

    outputs = 2 (raw - low) / (high - low) - 1

A layer in front of the network that first undoes the standardising. Defaults: 0 to 255, as pixels of a byte have.

Also: min-max scaling.
Source: Wei 2015, "Must know tips/tricks in deep neural networks"; Goodfellow et al. 2016, section 12.2.1 (a common
range is the only strict need of images).
Measured: no figure read by us.
Hurts: data whose values fill little of the range: they enter the network small, and off centre.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from jaxtyping import Float
from torch import Tensor, nn

from assay.data.specification import Specification
from assay.edit_order import at
from assay.models.input_layers import prepare_raw_inputs
from assay.recipe import Recipe


def scale_range(raw: Float[Tensor, "*shape"], *, low: float, high: float) -> Float[Tensor, "*shape"]:
    """`low` becomes -1, `high` becomes 1."""
    return (raw - low) * (2.0 / (high - low)) - 1.0


class Scaled(nn.Module):
    """`scale_range` as a layer."""

    def __init__(self, low: float, high: float) -> None:
        super().__init__()
        self.low, self.high = low, high

    def forward(self, raw: Tensor) -> Tensor:
        return scale_range(raw, low=self.low, high=self.high)


@dataclass(frozen=True)
class RangeScaling:
    """Scale raw inputs to [-1, 1]. low, high: the ends of their range."""

    images_only: ClassVar[bool] = True
    low: float = 0.0
    high: float = 255.0

    def __post_init__(self) -> None:
        if not self.low < self.high:
            raise ValueError(f"low must be below high, got {self.low} and {self.high}; 0 and 255 are usual")

    def __call__(self, recipe: Recipe) -> Recipe:
        return recipe.claim(self, "input_scale").add(model_edits=at("contrast of inputs", self.edit))

    def edit(self, model: nn.Module, specification: Specification) -> nn.Module:
        """Model edit: the layer in front."""
        return prepare_raw_inputs(model, Scaled(self.low, self.high), specification)
