"""Blur pool: low-pass filter before pixels are dropped, so that a shifted image gives the same answer.

    convolution of stride s                ->  blur, convolution of stride s
    max pool of stride s                   ->  max pool of stride 1, blur of stride s
    blur = [1 2 1] / 4 down and across, each channel on its own; the pixels at the edge repeat

Convolutions that read the image itself are left alone.

Also: anti-aliased downsampling.
Source: Zhang 2019 (arXiv:1904.11486), section 3; the blur first and then the convolution: Composer's BlurPool.
Measured: no figure read by us; it is part of the recipes of Composer and FFCV.
Hurts: time: two more passes over the maps at each stride; ResNet-D's shortcuts average already.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from assay.data.specification import Specification
from assay.edit_order import at
from assay.errors import InputError
from assay.models.abilities import has_maps
from assay.recipe import Recipe


class Blur(nn.Module):
    """[1 2 1] / 4 down and across. stride: every how many pixels there is an answer."""

    def __init__(self, stride: tuple[int, int] = (1, 1)) -> None:
        super().__init__()
        self.stride = stride

    def forward(
        self, inputs: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch channels new_height new_width"]:
        # [1 2 1] / 4 is [1 1] / 2 twice. Averaging only what is inside the image repeats the edge.
        halves = F.avg_pool2d(inputs, 2, stride=1, padding=1, count_include_pad=False)
        return F.avg_pool2d(halves, 2, stride=self.stride)


def blurred(layer: nn.Module, *, readable: int, convolutions: bool, max_pools: bool) -> nn.Module | None:
    """What takes the place of `layer`, or None where it stays.

    Args:
        readable: channels of the image, whose readers stay as they are.
    """
    if convolutions and isinstance(layer, nn.Conv2d) and max(layer.stride) > 1 and layer.in_channels > readable:
        return nn.Sequential(Blur(), layer)
    if max_pools and isinstance(layer, nn.MaxPool2d):
        height, width = pair(layer.stride)
        if max(height, width) > 1:
            return nn.Sequential(
                nn.MaxPool2d(layer.kernel_size, 1, layer.padding, layer.dilation), Blur((height, width))
            )
    return None


def pair(size: int | tuple[int, ...]) -> tuple[int, int]:
    """Height and width of an option that may be one number for both."""
    return (size, size) if isinstance(size, int) else (size[0], size[1])


def blur_downsampling(
    model: nn.Module, specification: Specification, *, convolutions: bool, max_pools: bool
) -> nn.Module:
    """Model edit: put a blur at every stride of the network, in place.

    Raises:
        InputError: there is none to blur.
    """
    readable, count = specification.input_shape[0], 0
    for module in list(model.modules()):
        for name, layer in list(module.named_children()):
            new = blurred(layer, readable=readable, convolutions=convolutions, max_pools=max_pools)
            if new is not None:
                setattr(module, name, new)
                count += 1
    if not count:
        raise InputError(
            f"BlurPool needs strided convolutions or max pools, got {type(model).__name__} without any; "
            "take BlurPool out of the recipe"
        )
    return model


@dataclass(frozen=True)
class BlurPool:
    """Blur before each stride of the network. convolutions, max_pools: whether these are."""

    images_only: ClassVar[bool] = True
    convolutions: bool = True
    max_pools: bool = True

    def __post_init__(self) -> None:
        if not (self.convolutions or self.max_pools):
            raise ValueError("convolutions or max_pools must be True, got False for both; both is usual")

    def __call__(self, recipe: Recipe) -> Recipe:
        recipe.require(has_maps(recipe.model), self, "a convolutional network")
        edit = partial(blur_downsampling, convolutions=self.convolutions, max_pools=self.max_pools)
        return recipe.add(model_edits=at("layers", edit))
