"""Cells of a table: which are numbers, which are missing, and which are mistakes."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars

from assay.errors import InputError

MISSING = frozenset({"", "na", "n/a", "nan", "null"})
MISSING_NUMBERS = MISSING | {"none", "?", "-"}
"""Also missing where numbers stand; among words they may well be a category."""

LARGEST = 3.4e38
"""Beyond it a number is infinite to the network, which computes in 32 bits."""

UNITS_IN_A_SECOND = {"ms": 1e3, "us": 1e6, "ns": 1e9}

UPTO_31 = r"(0?[1-9]|[12]\d|3[01])"
YEAR_FIRST = rf"\d{{4}}(?P<mark>[-/.]){UPTO_31}(?P=mark){UPTO_31}"
YEAR_LAST = rf"{UPTO_31}(?P<sign>[-/.]){UPTO_31}(?P=sign)(\d{{4}}|\d\d)"
DATE = re.compile(rf"({YEAR_FIRST}|{YEAR_LAST})([T ].*)?")
"""Its parts held apart by one sign: 1.2.130 and 10-12/99 are none, 1.2.30 may be one."""

_WHOLE, _POWER = r"[+-]?(\d+|\d{1,3}(\.\d{3})+)", r"([eE][+-]?\d+)?"
WITH_COMMA = re.compile(rf"{_WHOLE},\d+{_POWER}")
COMMA_NUMBER = rf"^{_WHOLE}(,\d+)?{_POWER}$"
"""A number where the comma is the decimal sign, whole ones too; for expressions of Polars."""

MOST_LETTERS = 200
"""Of a cell, told of it."""
LONGEST_NAME = 1_000
"""Letters of a class's or column's name."""

Cell = str | float | None


def cells_of(path: Path, table: polars.DataFrame, name: str) -> list[Cell]:
    """One column as text without spaces around it, floats or nothing; a duration is its seconds.

    Raises:
        InputError: the column holds lists, bytes or the like.
    """
    import polars  # a tenth of a second, which only tables should cost

    column = table[name]
    if column.dtype.is_nested() or column.dtype in (polars.Binary, polars.Object):
        raise InputError(f"{path}: column {name!r} holds {column.dtype}; give it single numbers or words, or drop it")
    if isinstance(column.dtype, polars.Duration):
        return (column.to_physical() / UNITS_IN_A_SECOND[column.dtype.time_unit or "us"]).to_list()
    try:
        if column.dtype.is_numeric():
            return column.cast(polars.Float64).to_list()
        return column.cast(polars.String).str.strip_chars().to_list()
    except polars.exceptions.PolarsError as error:
        raise InputError(
            f"{path}: column {name!r} holds {column.dtype}, which is neither numbers nor words; change it or drop it"
        ) from error


def is_number_column(cells: Sequence[Cell]) -> bool:
    """Whether more than half of the cells that are not missing are numbers."""
    present = [cell for cell in cells if not is_missing(cell)]
    return sum(number_in(cell) is not None for cell in present) * 2 > len(present)


def are_dates(words: Sequence[str]) -> bool:
    """Whether every word reads like a date, alone or with a time behind it."""
    return all(DATE.fullmatch(word) for word in words)


def has_decimal_comma(cell: Cell) -> bool:
    """Whether a cell looks like a number with a decimal comma, such as `5,3` or `1.234,5`."""
    return isinstance(cell, str) and WITH_COMMA.fullmatch(cell) is not None


def say_cell(cell: Cell) -> str:
    """A cell as an error shows it."""
    return "an empty cell" if cell is None else repr(beginning(cell)) if isinstance(cell, str) else repr(cell)


def is_endless(cell: Cell) -> bool:
    """Whether a cell is too long for the name of a class."""
    return isinstance(cell, str) and len(cell) > LONGEST_NAME


def beginning(text: str, most: int = MOST_LETTERS) -> str:
    """A text as it is, or how it begins and how long it is: a forgotten quote makes a cell of half a file."""
    return text if len(text) <= most else f"{text[:most]}… ({len(text):,} letters)"


def parse_numbers(cells: Sequence[Cell], name: str, where: str) -> tuple[list[float], list[int]]:
    """Numbers (NaN where none), and the rows of missing or infinite cells.

    Raises:
        InputError: a cell is neither missing nor a number; names row, column and value.
    """
    numbers, unusable = list[float](), list[int]()
    for row, cell in enumerate(cells):
        value = number_in(cell)
        if value is None and not is_missing_number(cell):
            mend = "mend the cell, or write the whole column in words to make it categories"
            if has_decimal_comma(cell):
                mend = ("write it with a point; commas are read where semicolons part the columns and the whole "
                        "column is numbers")  # fmt: skip
            raise InputError(f"{where}: row {row + 1}, column {name!r}: {say_cell(cell)} is not a number, as most of "
                             f"this column are; {mend}")  # fmt: skip
        if value is None or not abs(value) <= LARGEST:
            unusable.append(row)
        numbers.append(math.nan if value is None else value)
    return numbers, unusable


def number_in(cell: Cell) -> float | None:
    """The number a cell holds; NaN counts as missing, infinity as a number."""
    if cell is None or is_missing(cell):
        return None
    try:
        # Python would also read 1_000 as a number, which no table means.
        return None if isinstance(cell, str) and "_" in cell else float(cell)
    except ValueError:
        return None


def is_missing(cell: Cell) -> bool:
    """Empty, or a word for nothing; anywhere in a table."""
    return cell is None or (cell.lower() in MISSING if isinstance(cell, str) else math.isnan(cell))


def is_missing_number(cell: Cell) -> bool:
    """Missing where numbers stand."""
    return is_missing(cell) or (isinstance(cell, str) and cell.lower() in MISSING_NUMBERS)
