"""The space that is searched: a dimension for each setting, a span of numbers or a choice of values.

Every dimension is walked by a share in [0, 1]: of a span on a log scale

    value = low * (high / low)^share

Source: rules on scales: Bergstra & Bengio 2012; Goodfellow et al. 2016, section 11.4.3.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from assay.errors import InputError


@dataclass(frozen=True)
class Span:
    """Numbers from low to high, both among them. log: shares are of the logarithm. whole: whole numbers only."""

    low: float
    high: float
    log: bool = False
    whole: bool = False

    def __post_init__(self) -> None:
        if not (math.isfinite(self.low) and math.isfinite(self.high)):
            raise InputError(f"bounds must be finite, got {self.low:g}:{self.high:g}")
        if not self.low < self.high:
            turned = f"; write {self.high:g}:{self.low:g}" if self.low > self.high else ": there is nothing to search"
            raise InputError(f"the lower bound must be below the upper one, got {self.low:g}:{self.high:g}{turned}")
        if self.log and self.low <= 0:
            raise InputError(
                f"a log scale needs bounds above 0, got {self.low:g}:{self.high:g}; raise the lower one, or write "
                f"{self.low:g}:{self.high:g}:linear"
            )
        if self.whole and (self.low % 1 or self.high % 1):
            raise InputError(f"bounds must be whole numbers here, got {self.low:g}:{self.high:g}")

    def at(self, share: float) -> float | int:
        """The value there: to three digits, which are all that a draw can mean; whole numbers are equally likely."""
        if self.whole:
            return int(min(self.high, max(self.low, round(self._between(self.low - 0.5, self.high + 0.5, share)))))
        return min(self.high, max(self.low, float(f"{self._between(self.low, self.high, share):.3g}")))

    def _between(self, low: float, high: float, share: float) -> float:
        return low * (high / low) ** share if self.log else low + (high - low) * share

    def share_of(self, value: float | None) -> float:
        """Where a value lies; outside [0, 1] beyond the bounds, infinite where the scale has no place for it."""
        if value is None:
            return -math.inf
        if self.log:
            return math.log(value / self.low) / math.log(self.high / self.low) if value > 0 else -math.inf
        return (value - self.low) / (self.high - self.low)

    def points(self, number: int) -> tuple[float | int, ...]:
        """So many values evenly spread on the scale, both ends among them; fewer where whole numbers coincide."""
        shares = [step / (number - 1) for step in range(number)] if number > 1 else [0.5]
        if self.whole:
            return tuple(dict.fromkeys(round(self._between(self.low, self.high, share)) for share in shares))
        return tuple(map(self.at, shares))

    @property
    def size(self) -> float:
        """How many values it has: without end but of whole numbers."""
        return self.high - self.low + 1 if self.whole else math.inf

    def narrowed(self, first: float, last: float) -> Span:
        """The part between two shares; of whole numbers at least two."""
        low, high = (self._between(self.low, self.high, share) for share in (max(0.0, first), min(1.0, last)))
        low, high = (round(low), round(high)) if self.whole else (float(f"{low:.3g}"), float(f"{high:.3g}"))
        return replace(self, low=low, high=high) if low < high else self


@dataclass(frozen=True)
class Choice:
    """Some values without an order."""

    values: tuple[Any, ...]

    def __post_init__(self) -> None:
        if len(set(self.values)) < 2:
            raise InputError(
                f"a choice must have at least two values, got {', '.join(map(str, self.values)) or 'none'}"
            )

    def at(self, share: float) -> Any:
        """All values are as likely."""
        return self.values[min(int(share * len(self.values)), len(self.values) - 1)]

    def share_of(self, value: Any) -> float:
        """The middle of its part; infinite of a value that is none of these."""
        return (self.values.index(value) + 0.5) / len(self.values) if value in self.values else math.inf

    def points(self, number: int) -> tuple[Any, ...]:
        """All of them, however few are asked for."""
        return self.values

    @property
    def size(self) -> float:
        """How many values it has."""
        return len(set(self.values))


Dimension = Span | Choice
Space = Mapping[str, Dimension]


def count_settings(space: Space) -> float:
    """How many different settings it has: without end where a dimension has no end of values."""
    return math.prod(dimension.size for dimension in space.values())


def shares_of(space: Space, settings: Mapping[str, Any]) -> list[float]:
    """Where settings lie in the space, a share a dimension."""
    return [dimension.share_of(settings[name]) for name, dimension in space.items()]


def is_inside(space: Space, settings: Mapping[str, Any]) -> bool:
    """Whether the space has all these values."""
    return all(-1e-9 <= share <= 1 + 1e-9 for share in shares_of(space, settings))


def describe(dimension: Dimension) -> str:
    """`0.0001 to 0.1 (log)` or `32, 64 or 128`."""
    if isinstance(dimension, Choice):
        return f"{', '.join(map(str, dimension.values[:-1]))} or {dimension.values[-1]}"
    return f"{dimension.low:g} to {dimension.high:g}{' (log)' if dimension.log else ''}"
