"""Decimal commas: `5,3` for 5.3, and `1.234,5` for 1234.5, as spreadsheets write numbers in much of Europe.

A comma between two numbers may as well part thousands. It is read as a decimal one where semicolons part the columns,
as such spreadsheets write them, and every cell of a column that is not missing then is a number.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars

from assay.data.reading.cells import COMMA_NUMBER, MISSING_NUMBERS, Cell, has_decimal_comma, is_missing
from assay.data.reading.delimited import find_separator


def comma_columns(path: Path, table: polars.DataFrame) -> tuple[str, ...]:
    """Columns of a text file whose decimal commas are read as such; none of other files."""
    if path.suffix.lower() in (".parquet", ".pq") or find_separator(path) != ";":
        return ()
    return tuple(name for name in table.columns if _are_numbers(table[name]))


def with_points(table: polars.DataFrame, names: Sequence[str]) -> polars.DataFrame:
    """The table with a point for the comma in these columns, and without what parts their thousands."""
    if not names:
        return table
    chosen = polars.col(*names).str.strip_chars()
    is_number = chosen.str.contains(COMMA_NUMBER)
    plain = chosen.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True)
    return table.with_columns(polars.when(is_number).then(plain).otherwise(chosen))


def are_mostly_with_commas(cells: Sequence[Cell]) -> bool:
    """Whether more than half of the cells that are not missing look like numbers with decimal commas."""
    present = [cell for cell in cells if not is_missing(cell)]
    return sum(has_decimal_comma(cell) for cell in present) * 2 > len(present)


def _are_numbers(column: polars.Series) -> bool:
    if column.dtype != polars.String:
        return False
    cells = column.str.strip_chars().drop_nulls()
    present = cells.filter(~cells.str.to_lowercase().is_in(sorted(MISSING_NUMBERS)))
    return bool(present.str.contains(",", literal=True).any()) and bool(present.str.contains(COMMA_NUMBER).all())
