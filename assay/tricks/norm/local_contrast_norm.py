"""Local contrast norm: every neighbourhood has the same contrast; edges in the dark show as those in the light.

    centred = inputs - blur(inputs)
    local   = sqrt(blur(centred^2))
    outputs = centred / max(local, mean of local over the image, floor)

`blur` is a Gaussian window, one pass along each side, by channel; at the border it is the mean of the pixels that
exist. A layer in front of the network. Defaults: size 9, sigma 2, floor 1e-4.

Also: LCN.
Source: Jarrett et al. 2009, section 2.1; Goodfellow et al. 2016, section 12.2.1.1.
Measured: no figure read by us.
Hurts: tasks in which brightness of areas is the signal; even areas, where noise is enlarged to the mean contrast.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from assay.data.specification import Specification
from assay.edit_order import at
from assay.models.input_layers import prepare_inputs
from assay.recipe import Recipe
from assay.tricks.arguments import require_range

Images = Float[Tensor, "batch channels height width"]


def gaussian_window(size: int, sigma: float) -> Float[Tensor, " size"]:
    """Weights of one side, of sum 1."""
    offsets = torch.arange(size, dtype=torch.float64) - (size - 1) / 2
    weights = torch.exp(-offsets.square() / (2.0 * sigma**2))
    return (weights / weights.sum()).float()


def blur(images: Images, window: Float[Tensor, " size"]) -> Images:
    """Weighted mean over the window around each pixel, of those inside the image."""
    return _pass(_pass(images, window, side=2), window, side=3)


def _pass(images: Images, window: Tensor, *, side: int) -> Images:
    channels, half = images.shape[1], len(window) // 2
    shape, padding = ((-1, 1), (half, 0)) if side == 2 else ((1, -1), (0, half))
    kernel = window.to(images.dtype).view(1, 1, *shape)
    inside = F.conv2d(torch.ones_like(images[:1, :1]), kernel, padding=padding)
    return F.conv2d(images, kernel.expand(channels, 1, -1, -1), padding=padding, groups=channels) / inside


def equalise_local_contrast(images: Images, window: Float[Tensor, " size"], *, floor: float) -> Images:
    """The formula above for each image and channel."""
    centred = images - blur(images, window)
    # The floor comes before the root, whose slope at 0 is infinite.
    local = blur(centred.square(), window).clamp(min=floor**2).sqrt()
    return centred / torch.maximum(local, local.mean(dim=(2, 3), keepdim=True))


class LocalContrast(nn.Module):
    """`equalise_local_contrast` as a layer."""

    window: Tensor

    def __init__(self, options: LocalContrastNorm) -> None:
        super().__init__()
        self.floor = options.floor
        self.register_buffer("window", gaussian_window(options.size, options.sigma))

    def forward(self, inputs: Tensor) -> Tensor:
        # In 16 bits the differences from the local mean would be lost.
        with torch.autocast(inputs.device.type, enabled=False):
            return equalise_local_contrast(inputs, self.window, floor=self.floor)


@dataclass(frozen=True)
class LocalContrastNorm:
    """Give every neighbourhood the same contrast. size: pixels a side, odd; sigma: in pixels; floor: of a deviation."""

    images_only: ClassVar[bool] = True
    size: int = 9
    sigma: float = 2.0
    floor: float = 1e-4

    def __post_init__(self) -> None:
        if self.size < 3 or self.size % 2 == 0:
            raise ValueError(f"size must be odd and at least 3, got {self.size}; 9 is usual")
        require_range("sigma", self.sigma, 1e-3, usual="2 is usual")
        require_range("floor", self.floor, 1e-12, usual="1e-4 is usual")

    def __call__(self, recipe: Recipe) -> Recipe:
        return recipe.claim(self, "input_scale").add(model_edits=at("contrast of inputs", self.edit))

    def edit(self, model: nn.Module, specification: Specification) -> nn.Module:
        """Model edit: the layer in front."""
        return prepare_inputs(model, LocalContrast(self))
