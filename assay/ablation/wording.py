"""How a study names what it counts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from typing import Any

from assay.parts import describe_part, describe_value, inner_parts

CLEAR_ALONE = "clear alone, not among so many"
"""Said of an effect whose own interval leaves out 0, and for which the family's error rate allows no verdict."""

ADJUSTMENT = "Holm over tricks and the share of each look"
"""What p is adjusted by."""


def told_p(p: float, alpha: float) -> str:
    """With two digits, and as many more as it takes to stand on the same side of alpha as it is; empty of nan."""
    if math.isnan(p):
        return ""
    digits = 2
    while (float(f"{p:.{digits}g}") <= alpha) != (p <= alpha):
        digits += 1
    return f"{p:.{digits}g}"


def counted(names: Sequence[str], one: str, several: str) -> str:
    """`none helps`, `1 helps (Mixup())`, `2 help (Mixup(), Flip())`."""
    return f"{len(names)} {one if len(names) == 1 else several} ({', '.join(names)})" if names else f"none {one}"


def leaves_out_zero(low: float, high: float) -> bool:
    """Whether an interval lies on one side of 0."""
    return low > 0 or high < 0


def effects_text(count: int) -> str:
    """`1 effect`, `12 effects`."""
    return f"{count:,} {'effect' if count == 1 else 'effects'}"


def named_in_full(part: Any) -> str:
    """`Mixup(alpha=0.2)`: with all arguments, defaults too, but for those that are None; as a paper needs it."""
    if not is_dataclass(part) or isinstance(part, type):
        return describe_part(part)
    values = ((one.name, getattr(part, one.name)) for one in fields(part) if one.init)
    return f"{type(part).__name__}({', '.join(f'{name}={_in_full(one)}' for name, one in values if one is not None)})"


def _in_full(value: Any) -> str:
    if inner_parts(value):
        inner = [named_in_full(part) for part in inner_parts(value)]
        return f"({', '.join(inner)}{',' * (len(inner) == 1)})" if isinstance(value, tuple) else inner[0]
    if isinstance(value, tuple):
        return f"({', '.join(map(_in_full, value))}{',' * (len(value) == 1)})"
    return describe_value(value)


def percent(rate: float) -> str:
    """`5%`, `2.5%`, `0.625%`."""
    return f"{100 * rate:.3g}%"
