"""Who looks at what just now, so that two who share a queue do not both judge the same example."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

LEFT_SECONDS = 120.0
"""After so long without a word somebody has left."""


@dataclass(eq=False)
class Desks:
    """The row each reviewer has before them. clock: seconds that only grow."""

    clock: Callable[[], float] = time.monotonic
    _rows: dict[str, tuple[int, float]] = field(default_factory=dict)

    def sit(self, reviewer: str, row: int | None) -> None:
        """The reviewer is shown this row now; none is taken with None."""
        if row is None:
            self._rows.pop(reviewer, None)
        else:
            self._rows[reviewer] = (row, self.clock())

    def taken(self, reviewer: str) -> set[int]:
        """Rows that others have before them."""
        now = self.clock()
        others = [(row, since) for name, (row, since) in list(self._rows.items()) if name != reviewer]
        return {row for row, since in others if now - since < LEFT_SECONDS}
