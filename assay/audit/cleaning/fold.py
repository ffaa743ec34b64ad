"""One fold of the examples that are judged, and what a judge says of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float, Int


@dataclass(frozen=True, eq=False)
class Fold:
    """number: from 0. held: rows to be judged. rest: rows that may be trained on, none of a held one's group."""

    number: int
    held: Int[np.ndarray, " held"]
    rest: Int[np.ndarray, " rest"]


@dataclass(frozen=True, eq=False)
class Dynamics:
    """How each example of `Fold.rest` was learnt; a row each.

    area_under_margin: nats. confidence, variability: of p of the given label. forgotten: events.
    """

    area_under_margin: Float[np.ndarray, " rest"]
    confidence: Float[np.ndarray, " rest"]
    variability: Float[np.ndarray, " rest"]
    forgotten: Float[np.ndarray, " rest"]


@dataclass(frozen=True, eq=False)
class Judgement:
    """Probabilities (held, classes) by member, and how the others were learnt where an epoch is an epoch."""

    probabilities: Mapping[str, np.ndarray]
    dynamics: Dynamics | None = None
    seconds: float = 0.0


@dataclass(frozen=True, eq=False)
class Learnt:
    """Sums of dynamics over trainings; an example is seen by all folds' models but its own's."""

    n: int
    sums: np.ndarray = field(init=False)
    counts: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sums", np.zeros((4, self.n)))
        object.__setattr__(self, "counts", np.zeros(self.n))

    def add(self, fold: Fold, dynamics: Dynamics) -> None:
        """Count one training in."""
        rows = (dynamics.area_under_margin, dynamics.confidence, dynamics.variability, dynamics.forgotten)
        self.sums[:, fold.rest] += np.stack(rows)
        self.counts[fold.rest] += 1

    def mean(self) -> Dynamics | None:
        """Over all trainings; None where there was none."""
        if not self.counts.any():
            return None
        return Dynamics(*(self.sums / np.maximum(self.counts, 1)))
