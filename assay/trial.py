"""A trial: one recipe trained on one seed and measured on the validation split.

Stages that compare recipes ask for trials through a `Measure` function and do not care whether it
trains here and now, finds the result in a database, or sends the work elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from assay.data.data import Data
from assay.recipe import Recipe
from assay.training import Run, train


@dataclass(frozen=True, eq=False)
class Trial:
    """What is kept of a finished training.

    value: the metric on n validation examples; higher is better. example_scores: (n,) float array
    whose mean is the value. seconds: wall time of all steps.
    """

    recipe: Recipe
    seed: int
    value: float
    loss: float
    n: int
    steps: int
    seconds: float
    example_scores: np.ndarray

    @property
    def seconds_per_step(self) -> float:
        return self.seconds / max(1, self.steps)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values, without the recipe: whoever asks for a trial knows it."""
        plain = {name: getattr(self, name) for name in ("seed", "value", "loss", "n", "steps", "seconds")}
        return {**plain, "example_scores": self.example_scores.tolist()}

    @classmethod
    def from_dict(cls, recipe: Recipe, values: Mapping[str, Any]) -> Trial:
        return cls(recipe=recipe, **{**values, "example_scores": np.asarray(values["example_scores"])})


Measure = Callable[[Recipe, int], Trial]
"""(recipe, seed) -> its trial."""


def trial_of(run: Run) -> Trial:
    """The trial that a finished run amounts to."""
    validation = run.validation
    return Trial(
        run.recipe, run.seed, validation.value, validation.loss, validation.n, run.steps, run.seconds,
        validation.example_scores.numpy(),
    )  # fmt: skip


def measure_on(data: Data, **options: Any) -> Measure:
    """A `Measure` that trains on `data` here and now; `options` are those of `assay.training.Training`."""
    return lambda recipe, seed: trial_of(train(recipe, data, seed=seed, evaluations=1, monitored=False, **options))
