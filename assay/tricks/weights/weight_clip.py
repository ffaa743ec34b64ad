"""Weight clipping: every weight stays in a small box around 0.

    weight <- min(max(weight, -limit), limit)      after every update, biases and norms included

Bounds how fast the network's output can change with its input; made for the critic of a WGAN.

Source: Arjovsky et al. 2017 (arXiv:1701.07875), algorithm 1, with limit 0.01.
Measured: no figure read by us.
Hurts: classifiers, which it was not made for; a critic: weights gather at the two limits, which the gradient penalty
replaced (Gulrajani et al. 2017, arXiv:1704.00028, section 3). Refused beside norms on weights, which scale
what is clipped.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from assay.recipe import Recipe
from assay.schedule import Clock
from assay.tricks.arguments import require_above_zero


@dataclass(frozen=True)
class WeightClip:
    """Clamp all weights. It is its own weight edit.

    limit: above 0; the paper's 0.01.
    """

    at_moments: ClassVar[bool] = False
    limit: float = 0.01

    def __post_init__(self) -> None:
        require_above_zero("limit", self.limit, usual="the usual value is 0.01, and infinity turns it off")

    def __call__(self, recipe: Recipe) -> Recipe:
        return recipe.claim(self, "limits of weights").add(weight_edits=self)

    def start(self, model: nn.Module) -> dict[str, Tensor]:
        """Nothing to remember."""
        return {}

    @torch.no_grad()
    def edit(self, state: dict[str, Tensor], model: nn.Module, clock: Clock) -> None:
        """Clamp."""
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter.clamp_(-self.limit, self.limit)
