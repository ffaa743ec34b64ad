"""CSV and Parquet tables as a source: which column is what, and the target."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path

import polars
import torch
from torch import Tensor

from assay.data.encoders import TableEncoder
from assay.data.examples import Examples, Options
from assay.data.labels import encode_labels, looks_continuous, task_finding
from assay.data.reading.cells import Cell, cells_of, is_endless, is_missing, is_number_column, parse_numbers, say_cell
from assay.data.reading.column import Column
from assay.data.reading.decimal_commas import comma_columns, with_points
from assay.data.reading.table import encode_rows, read_as_written
from assay.data.reading.text import is_text
from assay.data.sources.forgiven_cells import forgive
from assay.data.sources.text_columns import find_texts, name_rows, put_lengths
from assay.data.sources.ways_of_writing import say_dates, say_points, say_target_written, say_words_with_commas
from assay.data.specification import Task
from assay.errors import InputError
from assay.finding import Finding

EMPTY = "it is empty"
TEXT = "it holds running text, which no network here reads"
MEND = {
    EMPTY: "Find out where its values were lost, or remove the column.",
    TEXT: "Turn it into numbers first, such as the embeddings of a pretrained model in an .npz file; `assay inspect` "
    "and `assay clean` read the texts as they are.",
}


def read_rows(path: Path, options: Options) -> Examples:
    """A table's rows as float vectors and one column as targets.

    Raises:
        InputError: target not given or not there, stray words, missing or infinite cells (without
            --impute), no input columns, or more one-hot features than memory holds.
    """
    options.refuse(f"{path}: a table", "size", "skip_bad")
    table = read_as_written(path)
    commas = comma_columns(path, table)
    table = with_points(table, commas)
    names = table.columns
    target = _named(path, names, options.target, "target")
    group = None if options.group is None else _named(path, names, options.group, "group")
    if target == group:
        raise InputError(f"{path}: --target and --group are both {target!r}; they must differ")
    names = [name for name in names if name not in (target, group)]
    rows, findings = range(table.height), list[Finding]()
    if options.tolerant:
        table, rows, findings = forgive(path, table, names, target)
    texts = find_texts(path, table, names, rows)
    if options.tolerant and texts is not None:
        table, names, texts, notes = put_lengths(table, names, texts)
        findings += notes
    columns, found_columns = choose_columns(path, table, names)
    _check_memory(path, table.height, columns, options.memory_limit_bytes)
    inputs = encode_rows(table, columns, where=str(path), impute=options.imputes)
    task, classes, targets, found = _read_target(path, table, target)
    return Examples(
        name=path.stem,
        task=task,
        inputs=inputs,
        targets=targets,
        ids=tuple(f"row {row + 1}" for row in rows),
        encoder=TableEncoder(columns),
        classes=classes,
        groups=None if group is None else _words(path, table, group),
        findings=(*found, *say_points(commas), *findings, *found_columns),
        texts=texts,
    )


def choose_columns(
    path: Path, table: polars.DataFrame, names: Sequence[str]
) -> tuple[tuple[Column, ...], list[Finding]]:
    """What each input column is; columns that name rows or never vary are left out, with a note.

    A column is one of numbers when more than half of its cells are; a word in it is then a mistake.

    Raises:
        InputError: nothing is left to learn from, or a column holds lists or the like.
    """
    columns, ignored, written = list[Column](), dict[str, str](), list[Finding]()
    for name in names:
        cells = cells_of(path, table, name)
        if is_number_column(cells):
            columns.append(Column(name))
            continue
        categories = sorted({str(cell) for cell in cells if not is_missing(cell)})
        if not categories:
            ignored[name] = EMPTY
        elif name_rows(len(categories), table.height):
            many = f"it has {len(categories)} different words in {table.height} rows, so it names rows"
            ignored[name] = TEXT if is_text(cells) else many
        else:
            columns.append(Column(name, categories=tuple(categories)))
            written += say_dates(name, categories)
        written += say_words_with_commas(name, cells)
    if not columns:
        reasons = "; ".join(f"{name}: {reason}" for name, reason in ignored.items()) or "there is no other column"
        mend = "turn the text into numbers, such as the embeddings of a pretrained model in an .npz file"
        raise InputError(f"{path}: no input column besides the target ({reasons}); "
                         f"{mend if TEXT in ignored.values() else 'add one'}")  # fmt: skip
    findings = [_say_ignored(name, reason) for name, reason in ignored.items()]
    return tuple(columns), [*findings, *written]


def _say_ignored(name: str, reason: str) -> Finding:
    """A column that names rows may be meant to; one without a single cell was lost on the way."""
    return Finding(
        id="column_ignored",
        level="suspect" if reason == EMPTY else "note",
        summary=f"Column {name!r} was left out: {reason}.",
        evidence={"column": name},
        fix=MEND.get(reason, "Group its values into fewer words, or turn it into numbers, if it should count."),
    )


def _read_target(path: Path, table: polars.DataFrame, name: str) -> tuple[Task, tuple[str, ...], Tensor, list[Finding]]:
    cells = cells_of(path, table, name)
    if not is_number_column(cells):
        words = _words(path, table, name)
        classes, indices = encode_labels(words)
        found = task_finding("classification", f"column {name!r} holds words")
        return "classification", classes, indices, [found, *say_target_written(name, classes, cells)]
    numbers, unusable = parse_numbers(cells, name, str(path))
    if unusable:
        raise InputError(_say_missing_target(path, name, len(unusable), unusable[0], cells))
    count = len(set(numbers))
    if looks_continuous(numbers):
        found = task_finding("regression", f"column {name!r} holds {count} different numbers")
        return "regression", (), torch.tensor(numbers, dtype=torch.float32), [found]
    classes, indices = encode_labels([int(number) for number in numbers])
    found = task_finding("classification", f"column {name!r} holds whole numbers of {count} values")
    return "classification", classes, indices, [found]


def _words(path: Path, table: polars.DataFrame, name: str) -> tuple[str, ...]:
    """A column's cells as text, none missing."""
    cells = cells_of(path, table, name)
    missing = [row for row, cell in enumerate(cells) if is_missing(cell)]
    if missing:
        raise InputError(_say_missing_target(path, name, len(missing), missing[0], cells))
    endless = next((row for row, cell in enumerate(cells) if is_endless(cell)), None)
    if endless is not None:
        raise InputError(f"{path}: row {endless + 1}, column {name!r}: a cell of {len(str(cells[endless])):,} letters "
                         "cannot name a class or group; a quote may be missing, mend the cell")  # fmt: skip
    return tuple(str(cell) for cell in cells)


def _say_missing_target(path: Path, name: str, count: int, first: int, cells: Sequence[Cell]) -> str:
    return (
        f"{path}: column {name!r} has {count} missing or infinite cells, the first in row {first + 1} "
        f"({say_cell(cells[first])}); every row needs a value here, remove the others"
    )


def _named(path: Path, names: Sequence[str], wanted: str | None, option: str) -> str:
    if wanted is not None and wanted in names:
        return wanted
    listed = f"columns: {', '.join(names)}"
    if wanted is None:
        raise InputError(f"{path}: which column should be predicted? Give --{option} COLUMN; {listed}")
    near = difflib.get_close_matches(wanted, names, n=1)
    guess = f" (did you mean {near[0]!r}?)" if near else ""
    raise InputError(f"{path}: --{option} {wanted!r} is not a column{guess}; {listed}")


def _check_memory(path: Path, rows: int, columns: Sequence[Column], limit: int) -> None:
    needed = rows * sum(len(column.categories) or 1 for column in columns) * 4
    if needed > limit:
        widest = max(columns, key=lambda column: len(column.categories))
        raise InputError(
            f"{path}: {needed} bytes of features exceed the memory limit of {limit}; column {widest.name!r} alone has "
            f"{len(widest.categories)} categories, group its values into fewer"
        )
