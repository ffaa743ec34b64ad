"""ELU: below 0 an exponential that levels off, so that the mean of a layer's outputs comes closer to 0.

    outputs = inputs                        where inputs > 0
            = alpha * (e ^ inputs - 1)      elsewhere; never below -alpha

Source: Clevert et al. 2015 (arXiv:1511.07289), section 3.
Measured: no figure read by us.
Hurts: no case read by us; time, against ReLU.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from torch import nn

from assay.recipe import Recipe
from assay.tricks.activation_swap import swap_activations
from assay.tricks.arguments import require_range


@dataclass(frozen=True)
class ELU:
    """Replace every activation by `torch.nn.ELU`. alpha: minus the lower bound, at least 0; usual 1; 0 is ReLU."""

    alpha: float = 1.0

    def __post_init__(self) -> None:
        require_range("alpha", self.alpha, 0.0, usual="1 is usual, and 0 is ReLU")

    def __call__(self, recipe: Recipe) -> Recipe:
        return swap_activations(recipe, self, partial(nn.ELU, self.alpha))
