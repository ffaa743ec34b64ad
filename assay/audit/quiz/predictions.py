"""A file of predictions: what any model answered, by example, as CSV or Parquet.

id, prediction               also `example`, ... for the id; `class`, `label`, ... for the prediction
digits/1615, 4
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars

from assay.audit.quiz.plan import Plan
from assay.audit.quiz.result import Rival
from assay.data.data import Data
from assay.data.reading.cells import Cell, cells_of, is_missing
from assay.data.reading.table import read_table
from assay.errors import InputError

IDS = ("id", "example", "file", "filename", "image", "path")
PREDICTIONS = ("prediction", "predicted", "class", "label", "answer")


def read_predictions(path: Path, data: Data, plan: Plan) -> Rival:
    """The model's answers to the plan's examples; rows about others are left alone.

    Raises:
        InputError: no such columns, an example of the plan that is missing or comes twice, or a word that is no class;
            names file and row.
    """
    table = read_table(path)
    ids = _cells(path, table, IDS, "the examples")
    words = _cells(path, table, PREDICTIONS, "the predictions")
    rows = dict[str, int]()
    wanted = {example.id for example in plan.examples}
    for row, cell in enumerate(ids):
        if (id := _word(cell)) in wanted:
            if id in rows:
                raise InputError(f"{path}: rows {rows[id] + 1} and {row + 1} are both of {id!r}; leave one")
            rows[id] = row
    missing = [example.id for example in plan.examples if example.id not in rows]
    if missing:
        raise InputError(
            f"{path}: lacks {len(missing)} of the {len(plan.examples)} examples asked about, such as {missing[0]!r}; "
            f"predict the whole {plan.split} split"
        )
    chosen = [rows[example.id] for example in plan.examples]
    answers = [_class(path, row + 1, words[row], data.specification.classes) for row in chosen]
    return Rival(path.name, np.array(answers, dtype=np.int64), is_model=True)


def _cells(path: Path, table: polars.DataFrame, usual: Sequence[str], role: str) -> list[Cell]:
    name = next((name for wanted in usual for name in table.columns if name.lower() == wanted), None)
    if name is None:
        raise InputError(f"{path}: no column of {role}; call it {usual[0]!r}. Its columns: {', '.join(table.columns)}")
    return cells_of(path, table, name)


def _class(path: Path, row: int, cell: Cell, classes: Sequence[str]) -> int:
    word = "" if is_missing(cell) else _word(cell)
    if word in classes:
        return classes.index(word)
    near = difflib.get_close_matches(word, classes, n=1)
    guess = f" (did you mean {near[0]!r}?)" if near else ""
    raise InputError(f"{path}: row {row}: {word!r} is not a class{guess}; write the class's name")


def _word(cell: Cell) -> str:
    """Parquet's numbers come as floats; 3.0 is class 3."""
    return f"{cell:.15g}" if isinstance(cell, float) else str(cell)
