"""What a tuning is to do, and what each part of it costs in whole trainings."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assay.tuning.halving import cost_of_halving
from assay.tuning.space import Space, Span, count_settings, is_inside
from assay.tuning.strategy import fewest_of_grid, grid_values

FINALISTS = 3
PRUNED_SHARE = 0.6
"""Of a whole training: what a trial costs on average, where the poor half stops early."""
USUAL_RATES = 4
"""Trainings of a bracket."""
ANY_RATE = Span(1e-5, 1.0, log=True)
"""Stands for the bounds that the range test is still to find."""


@dataclass(frozen=True)
class Plan:
    """What a tuning is to do.

    space: what is searched beside the learning rate, where that is found by the range test (`finds_rate`).
    trials: that each round's search may try, beside the recipe's own settings and the bracket; see `settings`.
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
    def whole_space(self) -> Space:
        """With the learning rate, where that is found first."""
        return {"learning_rate": ANY_RATE, **self.space} if self.finds_rate else self.space

    @property
    def settings(self) -> int:
        """Different ones that a round's search tries: the points of a grid, or as many of `trials` as there are.

        Raises:
            InputError: a grid cannot be made of so few trials; see `fewest`.
        """
        if not self.whole_space:
            return self.trials
        if self.search == "grid":
            return math.prod(map(len, grid_values(self.whole_space, self.trials, forced=self.forced)))
        return int(min(self.trials, count_settings(self.whole_space)))

    @property
    def fewest(self) -> int:
        """Trials with which the search can be made."""
        return fewest_of_grid(self.whole_space) if self.search == "grid" else 1

    def most_settings(self, own: Mapping[str, Any]) -> float:
        """About how many different ones there are with all rounds, the bracket and the recipe's own, which may be in
        the space.
        """
        planned, there_are = self.cost_before + self.rounds * self.settings, count_settings(self.whole_space)
        return planned if math.isinf(there_are) else min(planned, there_are + (not is_inside(self.space, own)))

    @property
    def cost_of_search(self) -> float:
        """Of one round, in whole trainings, as those that stop early make it."""
        return cost_of_halving(self.settings) if self.halving else PRUNED_SHARE * self.settings

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
