"""A column or an array with the labels of its reviewers, of a kind that can hold them; and whether it holds them.

kept kind     where every new label can be written in it
else          the narrowest wider one: longer text, larger numbers, or numbers with fractions
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from assay.audit.decisions.checking import are_same
from assay.audit.decisions.decision import Label
from assay.data.reading.cells import Cell, number_in
from assay.errors import InputError

if TYPE_CHECKING:
    import polars as pl


def relabel_column(column: pl.Series, cells: Sequence[Cell], changed: Mapping[int, Label]) -> pl.Series:
    """The column with these labels by row.

    Args:
        cells: the column as `cells_of` reads it: a label is called as its cells are, not as its values print.
    """
    import polars as pl

    if not changed:
        return column
    if not column.dtype.is_numeric():
        values, held = column.to_list(), dict(zip(cells, column, strict=True))
        for row, label in changed.items():
            values[row] = held.get(str(label), _text(label))
        return pl.Series(column.name, values, dtype=column.dtype)
    wanted, labels = pl.Series([_number(label) for label in changed.values()], strict=False), list(changed.values())
    kept = _holds(wanted.cast(column.dtype, strict=False).to_list(), labels)
    kind = column.dtype if kept else pl.Int64 if wanted.dtype.is_integer() else pl.Float64
    return column.cast(kind).scatter(list(changed), wanted.cast(kind))


def relabel_array(targets: np.ndarray, changed: Mapping[int, Label]) -> np.ndarray:
    """The array with these labels by row."""
    if not changed:
        return targets
    labels, kind = list(changed.values()), targets.dtype.kind
    if kind == "U":
        wanted = np.array([_text(label) for label in labels])
    elif kind == "S":
        wanted = np.array([_text(label).encode() for label in labels])
    elif kind == "b":
        wanted = np.array([str(label) == "True" for label in labels])
    else:
        wanted = np.array([_number(label) for label in labels])
    with np.errstate(invalid="ignore"):
        kept = _holds(words_of(wanted.astype(targets.dtype)), labels)
    written = targets.astype(targets.dtype if kept else np.result_type(targets, wanted))
    written[list(changed)] = wanted.reshape(-1, *(1,) * (targets.ndim - 1))
    return written


def words_of(targets: np.ndarray) -> list[Any]:
    """The labels an array holds, a row each, bytes as text."""
    flat = targets.reshape(len(targets), -1)[:, 0]
    return (np.char.decode(flat, "utf-8") if flat.dtype.kind == "S" else flat).tolist()


def require_labels(name: str, found: Sequence[Any], labels: Mapping[int, Label]) -> None:
    """Refuse what was read back if it is not what the reviewers said.

    Args:
        labels: by row of the source; those rows are `found`, in their order.
    Raises:
        InputError: names the first row that is another.
    """
    if len(found) != len(labels):
        raise InputError(f"{name}: {len(labels):,} rows were to be written, {len(found):,} are read back; "
                         "save the source in another form (CSV, Parquet or .npz)")  # fmt: skip
    for value, row in zip(found, sorted(labels), strict=True):
        if not is_called(value, labels[row]):
            raise InputError(f"{name}: the label of row {row + 1} is {labels[row]!r}, and is read back as {value!r}: "
                             "its column cannot hold it; save the source's labels as text")  # fmt: skip


def is_called(value: Any, label: Label) -> bool:
    """Whether a cell says this label: numbers by their value, all else by its name."""
    number = number_in(value)
    if isinstance(label, float):
        return number is not None and are_same(label, number)
    return str(value) == str(label) or (number is not None and number == number_in(label))


def _holds(values: Sequence[Any], labels: Sequence[Label]) -> bool:
    return all(is_called(value, label) for value, label in zip(values, labels, strict=True))


def _plain(label: Label) -> Label:
    """The data holds numbers in 32 bits: 2.7 is meant, not 2.700000047683716."""
    return float(str(np.float32(label))) if isinstance(label, float) else label


def _text(label: Label) -> str:
    return str(_plain(label))


def _number(label: Label) -> int | float:
    number = float(_plain(label))  # pyright: ignore[reportArgumentType]
    return int(number) if number.is_integer() else number
