"""Noisy ReLU: units see their inputs through noise in training, loud where they are on and quiet where off.

    training    outputs = max(0, inputs + scale * sqrt(sigmoid(inputs)) * noise),  noise ~ N(0, 1)
    evaluation  outputs = max(0, inputs)

With scale 1 it samples, to good approximation, how many of infinitely many binary units with shifted biases
are on. The deviation takes no gradient.

Source: Nair & Hinton 2010, "Rectified linear units improve restricted Boltzmann machines", section 2.
Measured: no figure read by us.
Hurts: no case read by us; the noise of many layers adds up.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from assay.models.activations import NoisyRectifier
from assay.recipe import Recipe
from assay.tricks.activation_swap import swap_activations
from assay.tricks.arguments import require_range


@dataclass(frozen=True)
class NoisyReLU:
    """Replace every activation by a noisy ReLU. scale: at least 0; published 1; 0 is ReLU."""

    scale: float = 1.0

    def __post_init__(self) -> None:
        require_range("scale", self.scale, 0.0, usual="1 is the published form, and 0 is ReLU")

    def __call__(self, recipe: Recipe) -> Recipe:
        return swap_activations(recipe, self, partial(NoisyRectifier, self.scale))
