"""Checkpoint average: evaluate the mean of the weights at the ends of the last epochs.

    average = mean of the weights after total_steps - i * steps_per_epoch updates,   i = 0 .. epochs - 1

While training is under way: of those kept so far, and before the first the weights themselves. Batch norm's
running statistics are measured anew on one epoch of training batches, as in `SWA`.

Source: Vaswani et al. 2017, section 6.1 (arXiv:1706.03762): the last 5 checkpoints of the base model.
Measured: no figure read by us isolates it; see `SWA` for averages of late weights.
Hurts: a rate that ends near 0, whose last epochs are all alike; memory for that many copies of the weights.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from assay.recipe import Recipe
from assay.schedule import Clock
from assay.tricks.arguments import require_range
from assay.tricks.average.swa import measure_statistics
from assay.tricks.kept_weights import NOW, Weights, forget, keep, kept, labels, only_now


def mean_weights(states: list[Weights]) -> Weights:
    """The mean of each tensor of floats, in float64 on the way; of others the last."""
    return {
        name: torch.stack([state[name].double() for state in states]).mean(0).to(value.dtype)
        if value.is_floating_point()
        else value
        for name, value in states[-1].items()
    }


@dataclass(frozen=True)
class CheckpointAverage:
    """Average the weights at the ends of late epochs. It fills the slot with itself. epochs: how many, at least 1."""

    at_moments: ClassVar[bool] = True
    epochs: int = 5

    def __post_init__(self) -> None:
        require_range("epochs", self.epochs, 1, usual="5 is usual, and 1 is the last weights")

    def __call__(self, recipe: Recipe) -> Recipe:
        return recipe.fill(self, average=self)

    def start(self, model: nn.Module) -> Weights:
        """A copy of the model's state; plain tensors, for a checkpoint."""
        state: Weights = {}
        keep(state, NOW, model)
        return state

    def update(self, state: Weights, model: nn.Module, clock: Clock) -> Weights:
        """Keep the weights after the update at `clock` if an epoch ends there, counted back from the last step."""
        left = clock.total_steps - clock.step - 1
        if left % clock.steps_per_epoch == 0:
            forget(state, NOW)
            keep(state, str(clock.step + 1), model)
            for label in labels(state)[: -self.epochs]:
                forget(state, label)
        elif only_now(state):
            keep(state, NOW, model)
        return state

    def build(
        self, state: Weights, fresh: Callable[[], nn.Module], batches: Callable[[], Iterable[Tensor]]
    ) -> nn.Module:
        """A network with the mean of the weights kept, and statistics of its own."""
        model, states = fresh(), [kept(state, label) for label in labels(state)]
        model.load_state_dict(mean_weights(states) if len(states) > 1 else states[0])
        if len(states) > 1:
            measure_statistics(model, batches)
        return model
