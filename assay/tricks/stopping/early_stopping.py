"""Early stopping: end when the validation loss has not improved for a while, and keep the best weights.

    improved    value < best - min_delta       (value: validation loss, lower is better)
    stop        patience_epochs looks in a row did not improve

The best weights, not the last, are the result; what is chosen on the validation split must be judged on another.

Source: Goodfellow et al. 2016, section 7.8, algorithm 7.1.
Measured: no table at hand isolates it; Goodfellow et al. 2016 call it the most commonly used regulariser.
Hurts: a schedule that would have lowered the rate later: it ends before it; small validation splits, whose noise
it takes for a turn.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypedDict

from assay.recipe import Recipe


class StoppingState(TypedDict):
    """What was seen so far: the best value, and how many looks since did not improve on it."""

    best: float
    stale_epochs: int


def observe_value(state: StoppingState, value: float, *, min_delta: float = 0.0) -> StoppingState:
    """The state after one more look; a value that is not a number does not improve."""
    if value < state["best"] - min_delta:
        return {"best": value, "stale_epochs": 0}
    return {"best": state["best"], "stale_epochs": state["stale_epochs"] + 1}


@dataclass(frozen=True)
class EarlyStopping:
    """Stop when validation no longer improves. It fills the slot with itself.

    patience_epochs: looks, one an epoch, to wait for an improvement; min_delta: by how much the loss must fall to
    count as one, at least 0; restore_best: end with the best weights seen, not the last.
    """

    patience_epochs: int = 5
    min_delta: float = 0.0
    restore_best: bool = True

    def __post_init__(self) -> None:
        if self.patience_epochs < 1:
            raise ValueError(f"patience_epochs must be at least 1, got {self.patience_epochs}; the usual value is 5")
        if not 0.0 <= self.min_delta < math.inf:
            raise ValueError(f"min_delta must be finite and at least 0, got {self.min_delta}; the usual value is 0")

    def __call__(self, recipe: Recipe) -> Recipe:
        return recipe.fill(self, stopping=self)

    def start(self) -> StoppingState:
        """Nothing seen yet."""
        return {"best": math.inf, "stale_epochs": 0}

    def observe(self, state: StoppingState, value: float) -> StoppingState:
        """The state after one more validation loss; `state` is left as it was."""
        return observe_value(state, value, min_delta=self.min_delta)

    def improved(self, before: StoppingState, after: StoppingState) -> bool:
        """Whether the look between the two states set a new best."""
        return after["best"] < before["best"]

    def should_stop(self, state: StoppingState) -> bool:
        """Whether patience has run out."""
        return state["stale_epochs"] >= self.patience_epochs
