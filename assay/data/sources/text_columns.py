"""Columns of running text are kept as texts; for an inspection numbers stand for them among the inputs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars

from assay.data.reading.cells import Cell, cells_of, is_missing, is_number_column
from assay.data.reading.text import Texts, is_text, plain_texts, stand_ins
from assay.finding import Finding

MOST_CATEGORIES = 20
"""More different words than this, and than half of the rows, name the rows."""


def name_rows(count: int, rows: int) -> bool:
    """Whether so many different words in so many rows are names or texts rather than categories."""
    return count > max(MOST_CATEGORIES, rows / 2)


def find_texts(path: Path, table: polars.DataFrame, names: Sequence[str], rows: Sequence[int]) -> Texts | None:
    """The texts of all columns of running text; None where there is none.

    Args:
        rows: the row of the source that each row of the table is, from 0.
    """
    found = [name for name in names if _holds_text(cells_of(path, table, name))]
    return texts_of(path, table, found, rows) if found else None


def texts_of(path: Path, table: polars.DataFrame, names: Sequence[str], rows: Sequence[int]) -> Texts:
    """The texts of these columns."""
    ids = [f"row {row + 1}" for row in rows]
    return Texts({name: dict(zip(ids, plain_texts(cells_of(path, table, name)), strict=True)) for name in names})


def _holds_text(cells: Sequence[Cell]) -> bool:
    different = {str(cell) for cell in cells if not is_missing(cell)}
    return not is_number_column(cells) and name_rows(len(different), len(cells)) and is_text(cells)


def put_lengths(
    table: polars.DataFrame, names: Sequence[str], texts: Texts
) -> tuple[polars.DataFrame, list[str], Texts, list[Finding]]:
    """For an inspection: the table and its input columns with lengths in the place of texts, and a note on each.

    The texts come back with the names of what stands for them.
    """
    kept, standing = list[str](), dict[str, tuple[str, ...]]()
    for name in names:
        if name not in texts.columns:
            kept.append(name)
            continue
        lengths = stand_ins(name, list(texts.columns[name].values()))
        numbers = {called: values for called, values in lengths.items() if called not in table.columns}
        table = table.with_columns(*(polars.Series(called, values) for called, values in numbers.items()))
        kept += numbers
        standing[name] = tuple(numbers)
    return table, kept, Texts(texts.columns, standing), [_say_text(name) for name in texts.columns]


def _say_text(name: str) -> Finding:
    return Finding(
        id="text_column",
        level="note",
        summary=f"Column {name!r} holds running text. Texts are looked at as they are written; where numbers are asked "
        "for, their characters and words are counted.",
        evidence={"column": name},
        fix="No network here reads text, and a training leaves the column out: turn it into numbers first, such as "
        "the embeddings of a pretrained model in an .npz file.",
    )
