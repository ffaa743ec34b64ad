"""Columns of the user's own table that are no input: running texts, dates, names, groups, to filter and search by.

Texts come with the data. The others were left out when it was read, so the table is looked at once more for them.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from assay.audit.names import table_columns
from assay.data.data import Data
from assay.data.reading.cells import cells_of
from assay.data.reading.table import read_as_written
from assay.data.reading.text import plain_texts
from assay.ui.example_rows import MOST_FEATURES, free_name

if TYPE_CHECKING:
    import polars as pl

LEFT_OUT, ROW = "column_ignored", "row "


class Written(NamedTuple):
    """table: with a column for each. texts: the running ones. others: dates, names, groups."""

    table: pl.DataFrame
    texts: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


def add_written(examples: pl.DataFrame, data: Data, place: str, group: str | None = None) -> Written:
    """The table of examples with these columns as words; an empty cell is empty.

    Args:
        place: the source. group: a column that splits keep together.
    """
    import polars as pl

    ids, table, called = examples["id"].to_list(), examples, list[tuple[str, ...]]()
    texts = {} if data.texts is None else data.texts.columns
    for columns in (texts, _left_out(data, place, group, ids)):
        names = []
        for name, cells in columns.items():
            name = free_name(name, table.columns)
            table = table.with_columns(pl.Series(name, [cells.get(id) or None for id in ids], dtype=pl.String))
            names.append(name)
        called.append(tuple(names))
    return Written(table, *called)


def _left_out(data: Data, place: str, group: str | None, ids: list[str]) -> dict[str, dict[str, str]]:
    """Cells by id of the columns that reading left out."""
    path = Path(place).expanduser()
    known = {} if data.texts is None else data.texts.columns
    wanted = [str(one.evidence.get("column")) for one in data.findings if one.id == LEFT_OUT]
    wanted = [name for name in dict.fromkeys([*wanted, *([group] if group else [])]) if name not in known]
    if not wanted or not table_columns(data.specification) or not path.is_file():
        return {}
    table = read_as_written(path)
    rows = {id: int(id.removeprefix(ROW)) - 1 for id in ids if id.removeprefix(ROW).isdecimal()}
    found = dict[str, dict[str, str]]()
    for name in [name for name in wanted if name in table.columns][:MOST_FEATURES]:
        cells = plain_texts(cells_of(path, table, name))
        found[name] = {id: cells[row] for id, row in rows.items() if 0 <= row < len(cells)}
    return found
