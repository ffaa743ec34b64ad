"""Small input: the network sees the image scaled down, in training, in evaluation and when it ships.

    side -> round(side / factor), by averaging the pixels that fall together

Pixels that say nothing of the class invite overfitting, and steps cost `factor` squared less.

Source: Karpathy 2019, A Recipe for Training Neural Networks, section 4 (smaller input dimensionality).
Measured: no figure read by us.
Hurts: wherever fine detail tells classes apart; look at scaled pictures first.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from assay.data.specification import Specification
from assay.edit_order import at
from assay.models.abilities import has_maps
from assay.recipe import Recipe, RecipeError
from assay.tricks.arguments import require_range


def scale_down(
    inputs: Float[Tensor, "batch channels height width"], *, factor: float
) -> Float[Tensor, "batch channels new_height new_width"]:
    """Both sides divided by `factor` and rounded, at least one pixel; a factor of 1 changes nothing."""
    height, width = (max(1, round(side / factor)) for side in inputs.shape[-2:])
    return F.adaptive_avg_pool2d(inputs, (height, width))


class ScaledDown(nn.Module):
    """A network behind `scale_down`."""

    def __init__(self, network: nn.Module, factor: float) -> None:
        super().__init__()
        self.network = network
        self.factor = factor

    def forward(self, inputs: Float[Tensor, "batch channels height width"]) -> Float[Tensor, "batch outputs"]:
        return self.network(scale_down(inputs, factor=self.factor))


def see_small(model: nn.Module, specification: Specification, *, factor: float) -> nn.Module:
    """Model edit: put `scale_down` before the network.

    Raises:
        RecipeError: the network cannot work on images so small.
    """
    if factor == 1.0:
        return model
    small = ScaledDown(model, factor)
    was_training = model.training
    try:
        with torch.no_grad():
            small.eval()(torch.zeros(1, *specification.input_shape))
    except RuntimeError as error:
        shape = specification.input_shape
        raise RecipeError(
            f"SmallInput: the network cannot work on images of shape {shape} scaled down by {factor:g}; "
            f"lower factor, or take a network for images of any size ({error})"
        ) from error
    return small.train(was_training)


@dataclass(frozen=True)
class SmallInput:
    """Scale images down before the network. factor: by which both sides are divided; 1 is off."""

    images_only: ClassVar[bool] = True
    factor: float = 2.0

    def __post_init__(self) -> None:
        require_range("factor", self.factor, 1.0, usual="2 halves both sides, and 1 is off")

    def __call__(self, recipe: Recipe) -> Recipe:
        recipe.require(has_maps(recipe.model), self, "a convolutional network")
        edit = at("size of inputs", partial(see_small, factor=self.factor))
        return recipe.claim(self, "resolution").add(model_edits=edit)
