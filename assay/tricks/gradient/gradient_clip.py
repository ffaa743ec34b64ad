"""Gradient clipping: one step never follows a gradient longer than a set norm.

    norm = sqrt(sum of squares of all gradients, over all parameters)
    gradient <- gradient * min(1, max_norm / norm)

The direction stays. With mixed precision the loop unscales gradients before it edits them, so the norm
is that of the true gradients; an overflow makes the whole step be skipped, clipped or not.

Also: clip_grad_norm.
Source: Pascanu et al. 2012 (arXiv:1211.5063), section 3.2; Goodfellow et al. 2016, section 10.11.1.
Measured: no published effect in the tables at hand; it lets recurrent networks train at rates that diverge without.
Hurts: a max_norm below the usual norm is a smaller learning rate in disguise.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn

from assay.recipe import Recipe
from assay.tricks.arguments import require_above_zero

USUAL = "the usual value is 1, and infinity turns it off"


def clip_gradients(parameters: Iterable[nn.Parameter], *, max_norm: float) -> Tensor:
    """Scale all gradients together, in place, so that their joint norm is at most `max_norm`.

    Args:
        max_norm: above 0; usual 1. Infinity changes nothing.
    Returns:
        the joint norm before clipping, a scalar.
    Raises:
        ValueError: max_norm is not above 0.
    """
    require_above_zero("max_norm", max_norm, usual=USUAL)
    return torch.nn.utils.clip_grad_norm_(parameters, max_norm)


def edit_gradients(parameters: list[nn.Parameter], *, max_norm: float) -> None:
    """`clip_gradients` as a gradient edit."""
    clip_gradients(parameters, max_norm=max_norm)


@dataclass(frozen=True)
class GradientClip:
    """Bound the joint norm of the gradients.

    max_norm: above 0; usual 1.
    """

    max_norm: float = 1.0

    def __post_init__(self) -> None:
        require_above_zero("max_norm", self.max_norm, usual=USUAL)

    def __call__(self, recipe: Recipe) -> Recipe:
        return recipe.add(gradient_edits=partial(edit_gradients, max_norm=self.max_norm))
