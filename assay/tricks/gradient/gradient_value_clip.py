"""Gradient value clipping: no component of a gradient is larger than a set value.

    gradient <- min(max(gradient, -max_value), max_value), component by component

The direction changes, towards that of the signs; `GradientClip` keeps it.

Also: clip_grad_value.
Source: Goodfellow et al. 2016, section 10.11.1; PyTorch's `clip_grad_value_`.
Measured: no figure read by us.
Hurts: a max_value below the usual components turns the step into one of signs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

import torch
from torch import nn

from assay.recipe import Recipe
from assay.tricks.arguments import require_above_zero

USUAL = "the usual value is 1, and infinity turns it off"


def clip_values(parameters: Iterable[nn.Parameter], *, max_value: float) -> None:
    """Clamp every component of the gradients to [-max_value, max_value], in place.

    Args:
        max_value: above 0. Infinity changes nothing.
    Raises:
        ValueError: max_value is not above 0.
    """
    require_above_zero("max_value", max_value, usual=USUAL)
    torch.nn.utils.clip_grad_value_(parameters, max_value)


def edit_values(parameters: list[nn.Parameter], *, max_value: float) -> None:
    """`clip_values` as a gradient edit."""
    clip_values(parameters, max_value=max_value)


@dataclass(frozen=True)
class GradientValueClip:
    """Bound each component of the gradients.

    max_value: above 0; usual 0.5 to 5.
    """

    max_value: float = 1.0

    def __post_init__(self) -> None:
        require_above_zero("max_value", self.max_value, usual=USUAL)

    def __call__(self, recipe: Recipe) -> Recipe:
        return recipe.add(gradient_edits=partial(edit_values, max_value=self.max_value))
