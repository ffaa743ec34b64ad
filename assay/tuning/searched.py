"""What is known of settings that were tried."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True)
class Searched:
    """One trial: its settings, its validation metric and loss where it ended, and its fate.

    A training that diverged counts as pruned, and has a value of nan and a loss of inf.
    share: what part of the training was done. looks: what was seen on the way, the higher the better; look_shares: at
    which parts of the whole training. sign: 1 where a higher value is better, else -1. found_again: whether it was
    there before it was asked for.
    """

    settings: Mapping[str, Any]
    value: float
    loss: float
    pruned: bool
    share: float = 1.0
    looks: tuple[float, ...] = ()
    sign: int = 1
    look_shares: tuple[float, ...] = ()
    found_again: bool = field(default=False, compare=False)

    @property
    def diverged(self) -> bool:
        """Whether its loss was no number at the end."""
        return not (math.isfinite(self.value) and math.isfinite(self.loss))

    @property
    def rank(self) -> tuple[float, float]:
        """The larger the better: the metric, and the loss where that ties; a value that is none is the worst."""
        return (self.sign * self.value, -self.loss) if not self.diverged else (-math.inf, -math.inf)

    @property
    def seen(self) -> Mapping[float, float]:
        """What it showed after which part of a whole training, the higher the better; nothing where it diverged."""
        if self.diverged:
            return {}
        on_the_way = dict(zip(self.look_shares, self.looks, strict=False))
        if on_the_way and self.pruned:
            return on_the_way
        return on_the_way | {self.share: self.sign * self.value}

    def with_settings(self, settings: Mapping[str, Any]) -> Searched:
        """The same trial under other settings that make the same recipe."""
        return replace(self, settings=dict(settings))


def best_first(found: Sequence[Searched]) -> list[Searched]:
    """Those that were trained to their end, the best first; of equal ones the first."""
    return sorted((one for one in found if not one.pruned), key=lambda one: one.rank, reverse=True)
