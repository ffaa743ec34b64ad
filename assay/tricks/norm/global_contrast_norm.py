"""Global contrast norm: every image has the same contrast, so that light and haze do not matter.

    outputs = scale (raw - mean) / max(eps, sqrt(added_variance + variance))
    mean, variance of one image over all its pixels and channels

A layer in front of the network that first undoes the standardising of channels. Defaults: scale 1, which gives each
pixel deviation 1, added_variance 0 and eps 1e-8, for closely cropped images; for small random crops, which
may be almost constant, the book has added_variance 10 and eps 0, of pixels from 0 to 255.

Also: GCN.
Source: Goodfellow et al. 2016, section 12.2.1.1, equation 12.3; Coates, Ng & Lee 2011.
Measured: no figure read by us.
Hurts: edges in dark areas beside bright ones stay hidden (LocalContrastNorm shows them); images of one object on an
even ground, where low contrast is noise and is enlarged: raise added_variance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor, nn

from assay.data.specification import Specification
from assay.edit_order import at
from assay.models.input_layers import prepare_raw_inputs
from assay.recipe import Recipe
from assay.tricks.arguments import require_finite_above_zero, require_range


def equalise_contrast(
    raw: Float[Tensor, "batch channels height width"], *, scale: float, added_variance: float, eps: float
) -> Float[Tensor, "batch channels height width"]:
    """The formula above for each image."""
    variance, mean = torch.var_mean(raw, dim=(1, 2, 3), correction=0, keepdim=True)
    # The larger of both before the root, whose slope at 0 is infinite.
    deviation = (variance + added_variance).clamp(min=max(eps**2, torch.finfo(raw.dtype).tiny)).sqrt()
    return scale * (raw - mean) / deviation


class GlobalContrast(nn.Module):
    """`equalise_contrast` as a layer."""

    def __init__(self, options: GlobalContrastNorm) -> None:
        super().__init__()
        self.options = options

    def forward(self, raw: Tensor) -> Tensor:
        options = self.options
        return equalise_contrast(raw, scale=options.scale, added_variance=options.added_variance, eps=options.eps)


@dataclass(frozen=True)
class GlobalContrastNorm:
    """Give every image the same contrast. scale: deviation of the outputs; added_variance, eps: see the formula."""

    images_only: ClassVar[bool] = True
    scale: float = 1.0
    added_variance: float = 0.0
    eps: float = 1e-8

    def __post_init__(self) -> None:
        require_finite_above_zero("scale", self.scale, usual="1 is usual")
        require_range("added_variance", self.added_variance, 0.0, usual="0 is usual, and 10 for small random crops")
        require_range("eps", self.eps, 0.0, usual="1e-8 is usual")
        if self.added_variance == self.eps == 0.0:
            raise ValueError("added_variance and eps must not both be 0, got 0 and 0; an even image has no contrast")

    def __call__(self, recipe: Recipe) -> Recipe:
        return recipe.claim(self, "input_scale").add(model_edits=at("contrast of inputs", self.edit))

    def edit(self, model: nn.Module, specification: Specification) -> nn.Module:
        """Model edit: the layer in front."""
        return prepare_raw_inputs(model, GlobalContrast(self), specification)
