"""Files of several annotators: wide, a column for each of them, or long, a row for each answer.

    wide:  example, anna, ben            long:  example, annotator, label
           img1.png, cat, cat                   img1.png, anna, cat

In the wide form an empty cell is an answer that was not given. An example that comes again is an answer given again.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import polars

from assay.audit.agreement.annotations import MISSING, Annotations, Repeat
from assay.data.reading.cells import Cell, cells_of, is_missing
from assay.data.reading.table import read_table
from assay.errors import InputError

EXAMPLES = ("example", "id", "item", "file", "filename", "image", "path", "task", "unit", "row", "index")
ANNOTATORS = ("annotator", "rater", "worker", "reviewer", "labeler", "labeller", "person", "user", "coder")
LABELS = ("label", "class", "answer", "annotation", "category", "rating")
MANY = 20
Answer = tuple[int, str, str, str, str]
"""Row from 1, column, example, annotator, label."""


def read_annotations(
    path: Path,
    *,
    example: str | None = None,
    annotator: str | None = None,
    label: str | None = None,
    classes: Sequence[str] = (),
) -> Annotations:
    """The answers of a CSV or Parquet file; the long form is known by its columns of annotators and labels.

    Args:
        example, annotator, label: columns by name, where they are not called so. Without a column of examples
            each row of a wide file is one.
        classes: the only labels there may be, in their order; else all that occur, sorted.
    Raises:
        InputError: no readable table, no such column, a missing or unknown label; names row and column.
    """
    table = read_table(path)
    names = table.columns
    examples = _column(path, names, example, EXAMPLES, "example")
    people = _column(path, names, annotator, ANNOTATORS, "annotator")
    answers = _column(path, names, label, LABELS, "label")
    if people is not None and answers is not None:
        if examples is None:
            raise InputError(
                f"{path}: which column names the examples? Give example=COLUMN; columns: {', '.join(names)}"
            )
        return _gather(path, list(_long(path, table, examples, people, answers)), classes)
    if annotator is not None or label is not None:
        raise InputError(
            f"{path}: the long form needs both an annotator and a label column; columns: {', '.join(names)}"
        )
    return _gather(path, list(_wide(path, table, examples)), classes, _people(path, table, examples))


def _column(path: Path, names: Sequence[str], wanted: str | None, usual: Sequence[str], role: str) -> str | None:
    if wanted is None:
        return next((name for name in names if name.lower() in usual), None)
    if wanted in names:
        return wanted
    near = difflib.get_close_matches(wanted, names, n=1)
    guess = f" (did you mean {near[0]!r}?)" if near else ""
    raise InputError(f"{path}: {role} {wanted!r} is not a column{guess}; columns: {', '.join(names)}")


def _long(path: Path, table: polars.DataFrame, *names: str) -> Iterator[Answer]:
    columns = [cells_of(path, table, name) for name in names]
    for row, cells in enumerate(zip(*columns, strict=True), start=1):
        for name, cell in zip(names, cells, strict=True):
            if is_missing(cell):
                raise InputError(f"{path}: row {row}, column {name!r} is empty; fill it or remove the row")
        example, person, label = map(_word, cells)
        yield row, names[2], example, person, label


def _wide(path: Path, table: polars.DataFrame, examples: str | None) -> Iterator[Answer]:
    people = _people(path, table, examples)
    ids = _ids(path, table, examples)
    columns = [cells_of(path, table, name) for name in people]
    for name, cells in zip(people, columns, strict=True):
        distinct = len({cell for cell in cells if not is_missing(cell)})
        if distinct > max(MANY, table.height / 2):
            raise InputError(
                f"{path}: column {name!r} has {distinct} different labels in {table.height} rows, so it is no "
                "annotator; name the column of examples, and leave others out"
            )
    for row, cells in enumerate(zip(*columns, strict=True), start=1):
        for name, cell in zip(people, cells, strict=True):
            if not is_missing(cell):
                yield row, name, ids[row - 1], name, _word(cell)


def _people(path: Path, table: polars.DataFrame, examples: str | None) -> tuple[str, ...]:
    people = tuple(name for name in table.columns if name != examples)
    if len(people) < 2:
        raise InputError(
            f"{path}: has {len(people)} column of answers ({', '.join(people) or 'none'}); the wide form needs one for "
            "each of two annotators or more, the long form one of annotators and one of labels"
        )
    return people


def _ids(path: Path, table: polars.DataFrame, examples: str | None) -> list[str]:
    if examples is None:
        return [f"row {row}" for row in range(1, table.height + 1)]
    cells = cells_of(path, table, examples)
    for row, cell in enumerate(cells, start=1):
        if is_missing(cell):
            raise InputError(f"{path}: row {row}, column {examples!r} is empty; name the example or remove the row")
    return [_word(cell) for cell in cells]


def _gather(
    path: Path, answers: list[Answer], classes: Sequence[str], people: tuple[str, ...] | None = None
) -> Annotations:
    if not answers:
        raise InputError(f"{path}: holds no answer; fill in some labels")
    names = tuple(classes) or _sorted({label for *_, label in answers})
    index = {name: position for position, name in enumerate(names)}
    for row, column, _, _, label in answers:
        if label not in index:
            near = difflib.get_close_matches(label, names, n=1)
            guess = f" (did you mean {near[0]!r}?)" if near else ""
            raise InputError(f"{path}: row {row}, column {column!r}: label {label!r} is not a class{guess}")
    ids = tuple(dict.fromkeys(example for _, _, example, _, _ in answers))
    persons = people or tuple(dict.fromkeys(person for *_, person, _ in answers))
    rows = {name: position for position, name in enumerate(ids)}
    columns = {name: position for position, name in enumerate(persons)}
    labels = np.full((len(ids), len(persons)), MISSING, dtype=np.int64)
    repeats = list[Repeat]()
    for _, _, example, person, label in answers:
        place = rows[example], columns[person]
        if labels[place] == MISSING:
            labels[place] = index[label]
        else:
            repeats.append(Repeat(*place, int(labels[place]), index[label]))
    return Annotations(ids, persons, names, labels, tuple(repeats))


def _sorted(labels: set[str]) -> tuple[str, ...]:
    """Whole numbers by value, words by letter."""
    numbers = all(label.removeprefix("-").isdecimal() for label in labels)
    return tuple(sorted(labels, key=int if numbers else str))


def _word(cell: Cell) -> str:
    """Parquet's numbers come as floats; 3.0 is class 3."""
    return f"{cell:.15g}" if isinstance(cell, float) else str(cell)
