"""A fault that is planted in a data set: where it can be, and what would be right to say of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from planted_sets import Arrays, Table

Drawn = Arrays | Table
Draw = Callable[[np.random.Generator], Drawn]
TRIES = 500


@dataclass(frozen=True)
class Fault:
    """plant(drawn, chance) gives the same data with the fault in it.

    right: ids of findings that name it, declared before anything was measured; `{part}` is the split it went into.
    draw: makes data in which nothing is planted; fits: whether the fault can be planted there.
    refused: words of the one-line refusal that is as good as a finding; "" where it must be a finding.
    """

    name: str
    words: str
    right: tuple[str, ...]
    draw: Draw
    plant: Callable[[Drawn, np.random.Generator], Drawn]
    fits: Callable[[Drawn], bool] = lambda drawn: True
    refused: str = ""


def draw_clean(fault: Fault, chance: np.random.Generator) -> Drawn:
    """Data that the fault can be planted in.

    Raises:
        LookupError: none of many draws can carry it.
    """
    for _ in range(TRIES):
        drawn = fault.draw(chance)
        if fault.fits(drawn):
            return drawn
    raise LookupError(f"{fault.name}: none of {TRIES} draws can carry it")


def some(chance: np.random.Generator, rows: np.ndarray, least: float, most: float, *, count: int = 3) -> np.ndarray:
    """A random share of the rows, between `least` and `most`, at least `count` of them."""
    wanted = max(count, round(len(rows) * chance.uniform(least, most)))
    return chance.choice(rows, min(len(rows), wanted), replace=False)


def judged_part(drawn: Arrays, chance: np.random.Generator) -> str:
    """Test, or validation where there is one."""
    return str(chance.choice(sorted(set(drawn.parts or ()) - {"train"})))


def is_fine(drawn: Drawn) -> bool:
    """Whether equal rows are copies: not where a table is so coarse that some agree by chance."""
    return isinstance(drawn, Arrays) or any(
        len(np.unique(values)) > len(drawn) / 2 for name, values in drawn.inputs.items() if name != "id"
    )


def is_classified(drawn: Drawn) -> bool:
    return isinstance(drawn, Arrays) or drawn.is_classification


def of_kinds(least: int, most: int = 10**9) -> Callable[[Drawn], bool]:
    """Classifications of so many classes."""
    return lambda drawn: is_classified(drawn) and least <= len(np.unique(drawn.labels)) <= most
