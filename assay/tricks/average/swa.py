"""SWA: evaluate the equal average of late weights, which lies in a flatter place than any one of them.

    start_step = round(start_progress * total_steps),   every = round(every_epochs * steps_per_epoch)
    taken when start_step, start_step + every, ... updates are finished
    average <- average + (weight - average) / (n + 1)        n = how many were taken before

Until the first is taken the average is the weights themselves. Batch norm's running statistics belong to no
averaged network, so they are measured anew on one epoch of training batches, in equal shares. Published with a
rate that is constant or cyclic while it averages.

Also: stochastic weight averaging.
Source: Izmailov et al. 2018, algorithm 1 and section 3.2 (arXiv:1803.05407): start at 0.75 of the budget, once an
epoch.
Measured: CIFAR-100 VGG-16 72.55 -> 74.27 %, PreResNet-164 78.49 -> 80.35, WRN-28-10 80.82 -> 82.15, all at 1.5 budgets
(Izmailov et al. 2018).
Hurts: a rate that ends near 0, which leaves little to average; a start so early that the weights still travel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from assay.randomness import scoped_seed
from assay.recipe import Recipe
from assay.schedule import Clock
from assay.tricks.arguments import require_range
from assay.tricks.average.ema import average_weights
from assay.tricks.kept_weights import Weights, copy_into

TAKEN = "weights taken"
"""The state's one entry that is no weight; modules have no blanks in their names."""


def measure_statistics(model: nn.Module, batches: Callable[[], Iterable[Tensor]]) -> None:
    """Set batch norm's running statistics to their mean over all batches; other layers keep theirs."""
    with scoped_seed(0, "batch statistics"):
        torch.optim.swa_utils.update_bn(batches(), model)


@dataclass(frozen=True)
class SWA:
    """Average late weights equally. It fills the slot with itself.

    start_progress: share of the training before the first is taken, in [0, 1]; every_epochs: epochs between two.
    """

    at_moments: ClassVar[bool] = True
    start_progress: float = 0.75
    every_epochs: float = 1.0

    def __post_init__(self) -> None:
        require_range("start_progress", self.start_progress, 0.0, 1.0, usual="0.75 is usual, and 1 is the last weights")
        require_range("every_epochs", self.every_epochs, 1e-6, usual="1 is usual")

    def __call__(self, recipe: Recipe) -> Recipe:
        return recipe.fill(self, average=self)

    def start(self, model: nn.Module) -> Weights:
        """A copy of the model's state, and how many were taken; plain tensors, for a checkpoint."""
        copies = {name: value.detach().clone() for name, value in model.state_dict().items()}
        return {TAKEN: torch.zeros((), dtype=torch.int64), **copies}

    @torch.no_grad()
    def update(self, state: Weights, model: nn.Module, clock: Clock) -> Weights:
        """Take in the weights after the update at `clock`, if it is time; changes `state` in place and returns it."""
        # A resumed run finds the count on the network's device, where reading it would wait for every step.
        state[TAKEN] = state[TAKEN].cpu()
        taken, due = int(state[TAKEN]), self.is_due(clock)
        if taken and not due:
            return state
        weights = model.state_dict()
        if taken:
            parameters = dict(model.named_parameters(remove_duplicate=False))
            averages = [state[name] for name in parameters]
            average_weights(averages, list(parameters.values()), decay=taken / (taken + 1))
            weights = {name: value for name, value in weights.items() if name not in parameters}
        if weights:
            copy_into(weights, state)
        state[TAKEN] += due
        return state

    def is_due(self, clock: Clock) -> bool:
        """Whether the weights after the update at `clock` count; epochs are as long as the first."""
        finished, start = clock.step + 1, round(self.start_progress * clock.total_steps)
        every = max(1, round(self.every_epochs * clock.steps_per_epoch))
        return finished >= start and (finished - start) % every == 0

    def build(
        self, state: Weights, fresh: Callable[[], nn.Module], batches: Callable[[], Iterable[Tensor]]
    ) -> nn.Module:
        """A network with the averaged weights and statistics of its own."""
        model = fresh()
        model.load_state_dict({name: value for name, value in state.items() if name != TAKEN})
        if int(state[TAKEN]) > 1:
            measure_statistics(model, batches)
        return model
