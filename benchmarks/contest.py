"""Contestants measured in turn: A B, B A, A B, ... and compared round by round.

What slows the machine for a second slows neighbours in a round alike, so the median of the rounds'
ratios is steadier than the ratio of two medians.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

Contestant = Callable[[], float]
"""Does its work once and returns its cost (seconds a step, or seconds); less is better."""


@dataclass(frozen=True)
class Standing:
    """One contestant: median cost, median of its per-round ratios to the reference, their quartiles, n rounds."""

    name: str
    cost: float
    ratio: float
    ratio_low: float
    ratio_high: float
    n: int


def hold(contestants: Mapping[str, Contestant], *, rounds: int, warm_rounds: int = 1) -> dict[str, list[float]]:
    """Costs of every contestant in every round; the order turns round each time, the first rounds do not count."""
    costs: dict[str, list[float]] = {name: [] for name in contestants}
    for number in range(warm_rounds + rounds):
        names = list(contestants) if number % 2 == 0 else list(contestants)[::-1]
        for name in names:
            cost = contestants[name]()
            if number >= warm_rounds:
                costs[name].append(cost)
    return costs


def rank(costs: Mapping[str, list[float]], *, reference: str) -> list[Standing]:
    """Every contestant against the reference, in the order given."""
    standings = []
    for name, values in costs.items():
        ratios = [value / other for value, other in zip(values, costs[reference], strict=True)]
        low, middle, high = statistics.quantiles(ratios, n=4) if len(ratios) > 1 else (ratios[0],) * 3
        standings.append(Standing(name, statistics.median(values), middle, low, high, len(values)))
    return standings


def show(standings: list[Standing], *, scale: float = 1e3, unit: str = "ms") -> list[dict[str, object]]:
    """Print a table; returns its rows as plain values."""
    for row in standings:
        print(f"    {row.name:34s} {row.cost * scale:10.4f} {unit}   x {row.ratio:6.3f}  "
              f"[{row.ratio_low:.3f}, {row.ratio_high:.3f}] quartiles, n = {row.n} rounds", flush=True)  # fmt: skip
    return [asdict(row) for row in standings]
