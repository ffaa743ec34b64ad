"""What a recipe makes of looks at the validation split: whether to go on, at what rate, and which weights to keep."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn

from assay.recipe import Recipe


class ValidationWatch:
    """Early stopping and feedback of one training, with what they remember.

    best_weights: of the look that the recipe would go back to, or None. stopped: training is to end here.
    """

    def __init__(self, recipe: Recipe) -> None:
        self.stopping, self.feedback = recipe.stopping, recipe.feedback
        self.stopping_state = self.stopping.start() if self.stopping else None
        self.feedback_state = self.feedback.start() if self.feedback else {}
        self.best_weights: dict[str, Tensor] | None = None
        self.stopped = False

    @property
    def waits(self) -> bool:
        """Whether something in the recipe wants a look after every epoch."""
        return self.stopping is not None or self.feedback is not None

    @property
    def rate_factor(self) -> float:
        """What the learning rate is multiplied by from here on; 1 without feedback."""
        return self.feedback.factor(self.feedback_state) if self.feedback else 1.0

    def observe(self, model: nn.Module, loss: float) -> bool:
        """Take in one look at the model; returns whether training would end with these weights if it ended here."""
        if self.feedback is not None:
            self.feedback_state = self.feedback.observe(self.feedback_state, loss)
        if self.stopping is None:
            return True
        before, self.stopping_state = self.stopping_state, self.stopping.observe(self.stopping_state, loss)
        self.stopped = self.stopping.should_stop(self.stopping_state)
        if self.stopping.restore_best and self.stopping.improved(before, self.stopping_state):
            self.best_weights = {name: value.detach().clone() for name, value in model.state_dict().items()}
            return True
        return self.best_weights is None

    def state(self) -> dict[str, Any]:
        """For a checkpoint."""
        return {
            "feedback": self.feedback_state,
            "stopping": self.stopping_state,
            "stopped_early": self.stopped,
            "best_weights": self.best_weights,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a checkpoint."""
        self.feedback_state, self.stopping_state = state["feedback"] or {}, state["stopping"]
        self.stopped, self.best_weights = state["stopped_early"], state["best_weights"]
