"""The curves of one training, as the rules read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assay.training.history import History
from assay.training.sample import SplitScore, TrainingSample

FULL_RATE = 0.5
"""Of the highest learning rate: below it, a rate counts as lowered."""


@dataclass(frozen=True, eq=False)
class Curves:
    """What was recorded of one training. Losses of mini-batches are those that were trained on, mixed, smoothed and
    edited as the recipe has it: they are held against each other, never against losses of validation.

    steps, losses, rates: (n,) recorded steps, the loss of their mini-batch, their learning rate.
    looks, validation_losses, validation_values: (m,) looks at the validation split, after so many steps.
    dynamics: (m, examples, outputs) answers on the same validation examples at each look.
    samples: what the monitors saw. scores: of the finished network, "training" and "validation".
    metric: "accuracy" or "r2". chance: what the best constant answer reaches, if that is known.
    """

    steps: np.ndarray
    losses: np.ndarray
    rates: np.ndarray
    looks: np.ndarray
    validation_losses: np.ndarray
    validation_values: np.ndarray
    dynamics: np.ndarray
    samples: tuple[TrainingSample, ...]
    scores: dict[str, SplitScore]
    steps_per_epoch: float
    metric: str = "accuracy"
    chance: float | None = None

    @classmethod
    def of(cls, history: History, *, steps_per_epoch: float, metric: str, chance: float | None = None) -> Curves:
        """From what a training left behind."""
        return cls(
            steps=_floats(history.steps), losses=_floats(history.losses), rates=_floats(history.learning_rates),
            looks=_floats(history.looks), validation_losses=_floats(history.validation_losses),
            validation_values=_floats(history.validation_values), dynamics=_floats(history.dynamics),
            samples=tuple(history.samples), scores=dict(history.scores), steps_per_epoch=steps_per_epoch,
            metric=metric, chance=chance,
        )  # fmt: skip

    @property
    def total_steps(self) -> int:
        return int(self.steps[-1]) + 1 if len(self.steps) else 0

    @property
    def epochs(self) -> float:
        return self.total_steps / self.steps_per_epoch

    @property
    def at_full_rate(self) -> np.ndarray:
        """(n,) bool: the rate is at least half of the highest one."""
        return self.rates >= FULL_RATE * self.rates.max(initial=0.0)

    @property
    def is_rate_kept(self) -> bool:
        """Whether the rate was still at least half of the highest one at the end."""
        return bool(len(self.rates)) and bool(self.at_full_rate[-max(1, len(self.rates) // 20) :].all())

    @property
    def is_finite(self) -> bool:
        """Whether every loss that was recorded is a number."""
        return bool(np.isfinite(self.losses).all() and np.isfinite(self.validation_losses).all())

    @property
    def has_learned(self) -> bool | None:
        """Whether the network is better than the best constant answer, beyond doubt; None if that is not known."""
        if self.chance is None or not (self.scores or len(self.validation_values)):
            return None
        score = self.scores.get("validation")
        return bool((score.low if score else self.validation_values[-1]) > self.chance)

    @property
    def is_at_chance(self) -> bool:
        """Whether the score on training examples may be no better than the best constant answer's."""
        return may_be_chance(self.scores.get("training"), self.chance)

    def samples_at_full_rate(self) -> list[TrainingSample]:
        """Those of steps with at least half of the highest rate."""
        full = np.interp([sample.step for sample in self.samples], self.steps, self.at_full_rate.astype(float)) >= 0.5
        return [sample for sample, is_full in zip(self.samples, full, strict=True) if is_full]


def may_be_chance(score: SplitScore | None, chance: float | None) -> bool:
    """Whether the score's interval holds what the best constant answer reaches; of what is not known, False."""
    return chance is not None and score is not None and not score.low > chance


def _floats(values: Sequence[object]) -> np.ndarray:
    return np.array(values, dtype=float)
