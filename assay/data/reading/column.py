"""What one input column of a table is; light, since every model that reads tables carries some."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """One input column of a table: a number (one feature) or a category (one feature a value)."""

    name: str
    categories: tuple[str, ...] = ()
    fill: float | str | None = None

    @property
    def is_number(self) -> bool:
        return not self.categories

    @property
    def width(self) -> int:
        """How many features it becomes."""
        return 1 if self.is_number else len(self.categories)
