"""How a budget becomes examples, steps, seeds and questions."""

from __future__ import annotations

from dataclasses import dataclass

ROUNDS = 3
"""Seeds to plan for: of two, the interval of a difference is several times as wide."""
MOST_ROUNDS = 8
EPOCHS, MOST_EPOCHS = 6.0, 12.0
FEWEST_STEPS = 150
MOST_EXAMPLES, MOST_JUDGED = 10_000, 2_000
SHARE = 0.8
"""Of the budget that trainings are planned for: judging, copying and a machine that slows down take the rest."""


@dataclass(frozen=True)
class Plan:
    """questions: how many have time, in their order. examples: to train on. steps: of each training."""

    questions: int
    examples: int
    steps: int

    def epochs(self, batch_size: int) -> float:
        """So many passes over the examples are the steps."""
        return self.steps / max(1, self.examples // batch_size)


def plan_probes(seconds: float, step_seconds: float, *, questions: int, examples: int, batch_size: int) -> Plan:
    """`ROUNDS` trainings for each question and for the unchanged inputs, each of as many steps as then fit.

    A training sees its examples `EPOCHS` times, or up to `MOST_EPOCHS` where there are no more of them; questions
    are left out, the last first, when not even `FEWEST_STEPS` would fit.
    """
    affordable = SHARE * seconds / (ROUNDS * step_seconds)
    asked = max(1, min(questions, int(affordable / FEWEST_STEPS) - 1))
    steps = max(1.0, affordable / (asked + 1))
    seen = min(examples, MOST_EXAMPLES, max(2 * batch_size, round(max(FEWEST_STEPS, steps) * batch_size / EPOCHS)))
    enough = max(FEWEST_STEPS, MOST_EPOCHS * (seen // batch_size))
    return Plan(asked, seen, round(min(steps, enough)))
