"""What a tuning is to do, and what each part of it costs in whole trainings."""

from __future__ import annotations

from dataclasses import dataclass

from assay.tuning.halving import cost_of_halving
from assay.tuning.space import Space

FINALISTS = 3
PRUNED_SHARE = 0.6
"""Of a whole training: what a trial costs on average, where the poor half stops early."""
USUAL_RATES = 4
"""Trainings of a bracket."""


@dataclass(frozen=True)
class Plan:
    """What a tuning is to do.

    space: what is searched beside the learning rate, where that is found by the range test (`finds_rate`).
    trials: that each round's search may try, beside the recipe's own settings and the bracket.
    final_seeds, judging_seeds: fresh ones, of the best few and of the gain, which is not measured with 0.
    """

    space: Space
    finds_rate: bool = True
    search: str = "random"
    trials: int = 20
    rounds: int = 1
    halving: bool = False
    forced: bool = False
    final_seeds: int = 3
    judging_seeds: int = 5
    range_steps: int = 100

    @property
    def cost_of_search(self) -> float:
        """Of one round, in whole trainings, as those that stop early make it."""
        return cost_of_halving(self.trials) if self.halving else PRUNED_SHARE * self.trials

    @property
    def cost_before(self) -> float:
        """Of the recipe's own settings and the bracket."""
        return 1.0 + (USUAL_RATES if self.finds_rate else 0)

    @property
    def cost(self) -> float:
        """Of everything but the range test, in whole trainings."""
        each = self.cost_of_search + FINALISTS * self.final_seeds
        return self.cost_before + self.rounds * each + 2 * self.judging_seeds

    def share_of_searching(self, number: int) -> float:
        """What part of all time may be gone when the search of this round ends, so that what follows has its own."""
        before = number * (self.cost_of_search + FINALISTS * self.final_seeds)
        return (self.cost_before + before + self.cost_of_search) / self.cost
