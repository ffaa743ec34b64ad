"""Divide on plateau: lower the rate when the validation loss stalls, however long that takes.

    stalled   patience_epochs looks in a row did not fall below best - min_delta
    factor <- max(lowest, factor / divide_by)     and the count of stalled looks starts again

Looks are one an epoch. The factor multiplies what the recipe's schedule and warm-up give.

Also: ReduceLROnPlateau.
Ends: first 1, last divide_by ^ -(number of stalls), at least `lowest`.
Source: Wei, "Must Know Tips/Tricks in Deep Neural Networks": start at .1, divide by 2 or 5 when validation stalls;
Goodfellow et al. 2016, section 11.2, by 2 to 10.
Measured: no figure read by us.
Hurts: small validation splits, whose noise it takes for a stall; the score on that split, which it was fitted to.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from assay.recipe import Recipe
from assay.tricks.arguments import require_range


@dataclass(frozen=True)
class DivideOnPlateau:
    """Divide the learning rate when validation stalls. It fills the slot with itself.

    divide_by: at least 1, which is off; patience_epochs: looks, one an epoch, to wait for an improvement;
    min_delta: by how much the loss must fall to be one; lowest: smallest factor, in [0, 1].
    """

    divide_by: float = 2.0
    patience_epochs: int = 5
    min_delta: float = 0.0
    lowest: float = 1e-4

    def __post_init__(self) -> None:
        require_range("divide_by", self.divide_by, 1.0, usual="2 to 10 are usual, and 1 is off")
        require_range("patience_epochs", self.patience_epochs, 1, usual="5 is usual")
        require_range("min_delta", self.min_delta, 0.0, usual="0 is usual")
        require_range("lowest", self.lowest, 0.0, 1.0, usual="1e-4 is usual")

    def __call__(self, recipe: Recipe) -> Recipe:
        return recipe.fill(self, feedback=self)

    def start(self) -> dict[str, Any]:
        """Nothing seen yet."""
        return {"best": math.inf, "stale_epochs": 0, "factor": 1.0}

    def observe(self, state: dict[str, Any], value: float) -> dict[str, Any]:
        """The state after one more validation loss; `state` is left as it was, and no number is no improvement."""
        if value < state["best"] - self.min_delta:
            return {**state, "best": value, "stale_epochs": 0}
        if state["stale_epochs"] + 1 < self.patience_epochs:
            return {**state, "stale_epochs": state["stale_epochs"] + 1}
        return {**state, "stale_epochs": 0, "factor": max(self.lowest, state["factor"] / self.divide_by)}

    def factor(self, state: dict[str, Any]) -> float:
        """What the learning rate is multiplied by."""
        return state["factor"]
