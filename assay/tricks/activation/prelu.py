"""PReLU: the slope below 0 is learned, one for each layer.

    outputs = inputs                where inputs >= 0
            = slope * inputs        elsewhere; slope is a parameter without weight decay

This is the form that He et al. 2015 call channel-shared: it fits any layer, whatever its channels.

Source: He et al. 2015 (arXiv:1502.01852), section 2.1; no decay on slopes: the same section.
Measured: no figure read by us.
Hurts: no case read by us; under weight decay the slope would be drawn to ReLU, so it is left out of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from torch import nn

from assay.recipe import Recipe
from assay.tricks.activation_swap import swap_activations
from assay.tricks.arguments import require_range


def no_decay_on_slopes(module: nn.Module, name: str, parameter: nn.Parameter) -> Mapping[str, float]:
    """Optimiser settings of one parameter: no decay on a learned slope, nothing special on others."""
    return {"weight_decay": 0.0} if isinstance(module, nn.PReLU) else {}


@dataclass(frozen=True)
class PReLU:
    """Replace every activation by `torch.nn.PReLU`. slope: the first one, in [0, 1]; usual 0.25."""

    slope: float = 0.25

    def __post_init__(self) -> None:
        require_range("slope", self.slope, 0.0, 1.0, usual="0.25 is usual")

    def __call__(self, recipe: Recipe) -> Recipe:
        changed = swap_activations(recipe, self, partial(nn.PReLU, 1, self.slope))
        return changed.add(parameter_rules=no_decay_on_slopes)
