"""Words among numbers, and numbers among words: columns of a table whose cells are of two kinds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars

from assay.data.reading.cells import Cell, is_missing_number, is_number_column, number_in


@dataclass(frozen=True)
class Strays:
    """Cells of one column that are not of the kind most are of.

    rows: where they stand, counted from 0.
    are_words: words among numbers; else numbers among words.
    """

    column: str
    rows: tuple[int, ...]
    cells: tuple[Cell, ...]
    are_words: bool


def find_strays(column: str, cells: Sequence[Cell]) -> Strays | None:
    """The cells of the rarer kind; nothing where all are of one."""
    are_words = is_number_column(cells)
    if are_words:
        rows = [row for row, cell in enumerate(cells) if number_in(cell) is None and not is_missing_number(cell)]
    else:
        rows = [row for row, cell in enumerate(cells) if number_in(cell) is not None]
    return Strays(column, tuple(rows), tuple(cells[row] for row in rows), are_words) if rows else None


def set_aside(table: polars.DataFrame, strays: Sequence[Strays]) -> polars.DataFrame:
    """The table with words in columns of numbers made missing cells; numbers among words stay."""
    changed = [
        table[found.column].scatter(list(found.rows), None)
        for found in strays
        if found.are_words and table[found.column].dtype == polars.String
    ]
    return table.with_columns(changed) if changed else table
