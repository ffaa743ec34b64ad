"""RReLU: the slope below 0 is drawn anew for every value in training, which disturbs and so regularises.

    outputs = inputs                where inputs >= 0
            = inputs / a            elsewhere
    training    a ~ U(low, high), for each value
    evaluation  a = (low + high) / 2; slope 2 / 11 at the defaults

`torch.nn.RReLU` is another: it draws the slope, not its inverse, uniformly, and tests with 11 / 48.

Source: Xu et al. 2015 (arXiv:1505.00853), section 2.4.
Measured: no figure read by us.
Hurts: no case read by us; one more source of noise where data is plenty.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from assay.models.activations import RandomizedRectifier
from assay.recipe import Recipe
from assay.tricks.activation_swap import swap_activations
from assay.tricks.arguments import require_range


@dataclass(frozen=True)
class RReLU:
    """Replace every activation by a randomised leaky ReLU. low, high: bounds of 1 / slope, at least 1."""

    low: float = 3.0
    high: float = 8.0

    def __post_init__(self) -> None:
        require_range("low", self.low, 1.0, usual="3 is usual: the slope is at most 1 / low")
        require_range("high", self.high, self.low, usual="8 is usual with low=3; high=low draws nothing")

    def __call__(self, recipe: Recipe) -> Recipe:
        return swap_activations(recipe, self, partial(RandomizedRectifier, self.low, self.high))
