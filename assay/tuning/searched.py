"""What is known of settings that were tried."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Searched:
    """One trial: its settings, its validation metric and loss at the last look, and its fate.

    A training that diverged counts as pruned; one that did so before its first look has a value of nan.
    share: what part of the training was done.
    """

    settings: Mapping[str, Any]
    value: float
    loss: float
    pruned: bool
    share: float = 1.0

    @property
    def diverged(self) -> bool:
        """Whether its loss was no number at the end."""
        return not (math.isfinite(self.value) and math.isfinite(self.loss))

    @property
    def rank(self) -> tuple[float, float]:
        """The larger the better: the metric, and the loss where that ties; a value that is none is the worst."""
        return (self.value, -self.loss) if not self.diverged else (-math.inf, -math.inf)


def best_first(found: Sequence[Searched]) -> list[Searched]:
    """Those that were trained to their end, the best first; of equal ones the first."""
    return sorted((one for one in found if not one.pruned), key=lambda one: one.rank, reverse=True)
