"""CSV and Parquet tables to features: numbers as they are, words as categories, every bad cell by row and column."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import polars
import torch
from torch import Tensor
from torch.nn.functional import one_hot

from assay.data.reading.cells import LONGEST_NAME, Cell, beginning, cells_of, is_missing, parse_numbers, say_cell
from assay.data.reading.column import Column
from assay.data.reading.decimal_commas import comma_columns, with_points
from assay.data.reading.delimited import check_ragged, find_separator, read_names
from assay.errors import InputError


def read_table(path: Path) -> polars.DataFrame:
    """The table, its decimal commas as points (`assay.data.reading.decimal_commas`).

    Raises:
        InputError: as `read_as_written`.
    """
    table = read_as_written(path)
    return with_points(table, comma_columns(path, table))


def read_as_written(path: Path) -> polars.DataFrame:
    """The table; cells of a CSV file stay text, so that a stray word keeps its place.

    Raises:
        InputError: no such file, empty, ragged, not UTF-8, two columns of one name, or no rows.
    """
    if not path.is_file():
        raise InputError(f"{path}: no such file; check the path")
    try:
        header: list[str] = []
        if path.suffix.lower() in (".parquet", ".pq"):
            table = polars.read_parquet(path)
        else:
            separator = find_separator(path)
            table = polars.read_csv(path, infer_schema=False, separator=separator)
            header = read_names(path, separator)
    # polars raises several unrelated classes for files that are not what their names say.
    except (polars.exceptions.PolarsError, OSError, UnicodeDecodeError) as error:
        with suppress(csv.Error):
            check_ragged(path)
        reason = str(error).strip().splitlines()[0] if str(error).strip() else "it is empty"
        raise InputError(f"{path}: not a readable table ({reason}); save it again as UTF-8 CSV or Parquet") from error
    # polars leaves doubled quotes in names, and renames the second of two.
    names = header if len(header) == table.width else [name.split("_duplicated_")[0] for name in table.columns]
    names = [name.strip() for name in names]
    endless = [name for name in names if len(name) > LONGEST_NAME]
    if endless:
        raise InputError(f"{path}: a column's name has {len(endless[0]):,} letters; the header may lack a quote or its "
                         "line's end, mend it")  # fmt: skip
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(f"{path}: two columns are called {twice[0]!r}; rename one")
    table = _without_blank_end(table.rename(dict(zip(table.columns, names, strict=True))))
    if table.height == 0:
        raise InputError(f"{path}: has a header ({', '.join(table.columns)}) but no rows; write one for each example")
    return table


def _without_blank_end(table: polars.DataFrame) -> polars.DataFrame:
    """The table without empty lines at its end, which are no rows."""
    filled = table.select(polars.any_horizontal(polars.all().is_not_null())).to_series().arg_true()
    return table.head(int(filled[-1]) + 1 if len(filled) else 0)


def encode_rows(table: polars.DataFrame, columns: Sequence[Column], *, where: str, impute: bool = False) -> Tensor:
    """(rows, features) float32: each number column one feature, each category one a value.

    Missing and infinite cells take the column's `fill`; with `impute` they stay NaN instead, over
    all features of their column, until the training split is known.

    Raises:
        InputError: a column is missing, a word stands among numbers, a category is new, or a cell
            is missing or infinite with nothing to fill it.
    """
    absent = [column.name for column in columns if column.name not in table.columns]
    if absent:
        raise InputError(f"{where}: lacks the column {absent[0]!r}; it has {', '.join(table.columns)}; add it")
    blocks = list[Tensor]()
    for column in columns:
        cells = cells_of(Path(where), table, column.name)
        encode = _encode_numbers if column.is_number else _encode_categories
        blocks.append(encode(cells, column, where, impute))
    return torch.cat(blocks, dim=1)


def _encode_numbers(cells: Sequence[Cell], column: Column, where: str, impute: bool) -> Tensor:
    numbers, unusable = parse_numbers(cells, column.name, where)
    _check_unusable(cells, unusable, column, where, impute)
    for row in unusable:
        numbers[row] = math.nan if column.fill is None else float(column.fill)
    return torch.tensor(numbers, dtype=torch.float32).unsqueeze(1)


def _encode_categories(cells: Sequence[Cell], column: Column, where: str, impute: bool) -> Tensor:
    index = {category: position for position, category in enumerate(column.categories)}
    unusable = [row for row, cell in enumerate(cells) if is_missing(cell)]
    _check_unusable(cells, unusable, column, where, impute)
    fill = index.get(str(column.fill), 0)
    missing = set(unusable)
    chosen = [fill if row in missing else index.get(str(cell), -1) for row, cell in enumerate(cells)]
    if -1 in chosen:
        row = chosen.index(-1)
        known = ", ".join(map(beginning, column.categories[:10])) + (", ..." if len(index) > 10 else "")
        raise InputError(
            f"{where}: row {row + 1}, column {column.name!r}: category {say_cell(cells[row])} is new; the model "
            f"knows {known}. "
            "Write one of these, or train again with rows of the new one"
        )
    block = one_hot(torch.tensor(chosen, dtype=torch.int64), len(index)).to(torch.float32)
    if column.fill is None:
        block[unusable] = math.nan
    return block


def _check_unusable(cells: Sequence[Cell], unusable: list[int], column: Column, where: str, impute: bool) -> None:
    if not unusable or impute or column.fill is not None:
        return
    first = unusable[0]
    raise InputError(
        f"{where}: column {column.name!r} has {len(unusable)} missing or infinite cells, the first in row {first + 1} "
        f"({say_cell(cells[first])}); mend or remove these rows, or train with --impute to fill them"
    )
