"""A row of a table as its owner wrote it: names with values, categories by name instead of ones and zeros."""

from __future__ import annotations

import math
from itertools import islice
from typing import TYPE_CHECKING, Any

import torch

from assay.audit.decisions.decision import Label
from assay.audit.names import feature_names, table_columns
from assay.audit.table_cells import table_cells
from assay.audit.texts.passages import stand_ins_of
from assay.ui.example_rows import TRUTHS
from assay.ui.subject import Subject

if TYPE_CHECKING:
    import polars as pl

MOST = 200


def values_of(subject: Subject, row: int, most: int = MOST) -> list[tuple[str, str]]:
    """Names and values of an example that is no image, at most so many."""
    specification = subject.data.specification
    split, position = subject.split(row)
    values = split.gather(torch.tensor([position]))[0].flatten()
    told = table_cells(specification, values[None], stand_ins_of(subject.data))
    cells = [(name, cells[0]) for name, cells in islice(told, most)]
    if not table_columns(specification):
        names = feature_names(specification) if values.numel() == specification.input_shape[0] else ()
        numbers = values[:most].tolist()
        cells = [(names[place] if names else f"value {place + 1}", value) for place, value in enumerate(numbers)]
    truths = {name for name, kind in subject.table.schema.items() if str(kind) == "Boolean"}
    cells = [(name, shown(TRUTHS.get(str(cell), cell)) if name in truths else cell) for name, cell in cells]
    return [(name, cell if isinstance(cell, str) else number(cell)) for name, cell in cells]


def number(value: float) -> str:
    """As short as it can be told."""
    return f"{value:.4g}"


def shown(value: object) -> str:
    """A cell of the table for a reader."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(shown, value))
    return str(value)


def compare_values(subject: Subject, row: int, labels: list[Label]) -> dict[str, Any]:
    """The user's own columns of a row beside what is usual of some labels.

    A value outside of what is usual of the first label is far.
    """
    table, cells = subject.table, subject.table.row(row, named=True)
    lines = []
    for name in subject.features:
        ranges = [usual(table.filter(table["label"] == label)[name]) for label in labels]
        first = ranges[0] if ranges else None
        is_far = isinstance(first, tuple) and (cells[name] < first[0] or cells[name] > first[1])
        told = [f"{one[0]:.4g} – {one[1]:.4g}" if isinstance(one, tuple) else one for one in ranges]
        lines.append({"name": name, "value": shown(cells[name]), "ranges": told, "is_far": is_far})
    return {"labels": [shown(label) for label in labels], "lines": lines}


def usual(column: pl.Series) -> tuple[float, float] | str:
    """Where nine of ten numbers lie, or the commonest word."""
    if column.dtype.is_numeric():
        low, high = column.quantile(0.05), column.quantile(0.95)
        return (math.nan, math.nan) if low is None or high is None else (low, high)
    return shown(column.mode().sort()[0]) if len(column) else ""
