"""How a study names what it counts."""

from __future__ import annotations

from collections.abc import Sequence

CLEAR_ALONE = "clear alone, not among so many"
"""Said of an effect whose own interval leaves out 0, and for which the family's error rate allows no verdict."""


def counted(names: Sequence[str], one: str, several: str) -> str:
    """`none helps`, `1 helps (Mixup())`, `2 help (Mixup(), Flip())`."""
    return f"{len(names)} {one if len(names) == 1 else several} ({', '.join(names)})" if names else f"none {one}"


def leaves_out_zero(low: float, high: float) -> bool:
    """Whether an interval lies on one side of 0."""
    return low > 0 or high < 0


def effects_text(count: int) -> str:
    """`1 effect`, `12 effects`."""
    return f"{count:,} {'effect' if count == 1 else 'effects'}"


def percent(rate: float) -> str:
    """`5%`, `2.5%`, `0.625%`."""
    return f"{100 * rate:.3g}%"
