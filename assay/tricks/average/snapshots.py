"""Snapshots: keep the weights at the end of each cycle, and let the networks vote: an ensemble for one training.

    kept after cycle_steps, 2 * cycle_steps, ... updates and after the last;  cycle_steps = ceil(total_steps / cycles)
    or, with `at`, after round(share * total_steps) updates for each share of the training in it
    probabilities = mean over the networks of softmax(outputs)        (regression: the mean of their outputs)

Meant for a rate that falls to the end of each cycle: `CyclicCosine` with the same number of cycles, or `SGDR` with
`at` just before its restarts, (0.2, 0.467, 1) for periods of 10, 20, 40 and 80 of 150 epochs. Before the first is
kept the network is the one in training. Early stopping would cut the cycles short and is refused.

Source: Huang et al. 2017 (arXiv:1704.00109): 5 cycles over 200 epochs, rate 0.2; Loshchilov & Hutter 2016, section 4.3.
Measured: WRN-28-10, CIFAR-10 / CIFAR-100 error: one network 4.03 / 19.57, 3 snapshots of its run 3.51 / 17.75,
3 runs of 3 3.25 / 16.64 (Loshchilov & Hutter 2016).
Hurts: answers and memory, which cost as many networks as were kept; cycles too short to converge in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor, nn

from assay.models.ensemble import Ensemble
from assay.recipe import Recipe
from assay.schedule import Clock, cycle_steps
from assay.tricks.arguments import require_range
from assay.tricks.kept_weights import NOW, Weights, forget, keep, kept, labels, only_now


def ends_of_cycles(total_steps: int, *, cycles: int, at: tuple[float, ...] = ()) -> set[int]:
    """Numbers of finished updates after which weights are kept."""
    if at:
        return {max(1, round(share * total_steps)) for share in at}
    return {*range(cycle_steps(total_steps, cycles), total_steps, cycle_steps(total_steps, cycles)), total_steps}


@dataclass(frozen=True)
class SnapshotEnsemble:
    """What fills the slot: keeps the weights, and builds the ensemble. classes: as for `Ensemble`."""

    at_moments: ClassVar[bool] = True
    cycles: int
    at: tuple[float, ...]
    classes: bool

    def start(self, model: nn.Module) -> Weights:
        """A copy of the model's state; plain tensors, for a checkpoint."""
        state: Weights = {}
        keep(state, NOW, model)
        return state

    def update(self, state: Weights, model: nn.Module, clock: Clock) -> Weights:
        """Keep the weights after the update at `clock` if a cycle ends there."""
        if clock.step + 1 in ends_of_cycles(clock.total_steps, cycles=self.cycles, at=self.at):
            forget(state, NOW)
            keep(state, str(clock.step + 1), model)
        elif only_now(state):
            keep(state, NOW, model)
        return state

    def build(
        self, state: Weights, fresh: Callable[[], nn.Module], batches: Callable[[], Iterable[Tensor]]
    ) -> nn.Module:
        """The ensemble of the networks kept so far; one network is itself, as a saved model has it."""
        members = []
        for label in labels(state):
            members.append(fresh())
            members[-1].load_state_dict(kept(state, label))
        return members[0] if len(members) == 1 else Ensemble(members, classes=self.classes).eval()


@dataclass(frozen=True)
class Snapshots:
    """Ship the ensemble of the weights at the ends of cycles.

    cycles: equal ones, at least 1, which is the last weights; at: instead, shares of the training, rising, in (0, 1].
    """

    cycles: int = 5
    at: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        require_range("cycles", self.cycles, 1, usual="5 is usual for 200 epochs, and 1 is the last weights")
        for share in self.at:
            if not 0.0 < share <= 1.0:
                rule = "they are shares of the training, not epochs, and nothing is trained at 0"
                raise ValueError(f"at must be in (0, 1], got {share}; {rule}")
        if list(self.at) != sorted(set(self.at)):
            raise ValueError(f"at must rise, got {self.at}; sort them and name each once")

    def __call__(self, recipe: Recipe) -> Recipe:
        # The best weights of an early stop are one network's, at a moment that is no cycle's end.
        alone = recipe.claim(self, "stopping")
        return alone.fill(self, average=SnapshotEnsemble(self.cycles, self.at, recipe.task == "classification"))
