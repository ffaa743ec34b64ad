"""What the room of labels takes: class indices, and members' probabilities that are probabilities.

Everything is checked once, where it enters, in blocks of rows: probabilities of 10,000 classes are never copied.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from jaxtyping import Int

from assay.errors import InputError

SUM_TOLERANCE = 1e-2
"""Rows of half precision over 10,000 classes add up to 1 within this."""
BLOCK_ENTRIES = 4_000_000
"""Probabilities held at a time, for each array made of them: 32 MiB in double precision."""


def row_blocks(n: int, width: int) -> Iterator[slice]:
    """Slices of rows that together hold at most about four million numbers, one row at least."""
    step = max(1, BLOCK_ENTRIES // max(1, width))
    for start in range(0, n, step):
        yield slice(start, min(n, start + step))


def check_labels(labels: np.ndarray, classes: int) -> Int[np.ndarray, " n"]:
    """Labels as 64-bit class indices.

    Raises:
        InputError: there are none, they are not whole numbers in one row, or one is outside 0..classes - 1.
    """
    labels = np.asarray(labels)
    if labels.ndim != 1 or not np.issubdtype(labels.dtype, np.integer):
        raise InputError(
            f"labels must be one row of class indices, got {labels.dtype} of shape {labels.shape}; "
            "number the classes from 0"
        )
    if labels.size == 0:
        raise InputError("labels must hold at least one example, got 0; there is nothing to judge")
    if classes < 2:
        raise InputError(f"labels must be of at least 2 classes, got {classes}; of one class no label can be wrong")
    wrong = np.flatnonzero((labels < 0) | (labels >= classes))
    if wrong.size:
        raise InputError(
            f"labels must be in 0..{classes - 1}, got {int(labels[wrong[0]])} at row {int(wrong[0])} "
            f"({wrong.size} such rows); give unlabelled examples to propose_additions"
        )
    return labels.astype(np.int64)


def check_probabilities(probabilities: Mapping[str, np.ndarray]) -> tuple[int, int]:
    """Number of examples and of classes of arrays that agree in both and whose rows are probabilities.

    Raises:
        InputError: it is no dictionary of arrays, there is no member, shapes differ, or a row is not finite, is
            negative or does not sum to 1.
    """
    if not isinstance(probabilities, Mapping):
        raise InputError(
            f"probabilities must be a dictionary of each member's name and array, got {type(probabilities).__name__}; "
            'for one model give {"model": probabilities}'
        )
    if not probabilities:
        raise InputError("probabilities must hold at least one member, got none; out_of_fold makes them")
    first = next(iter(probabilities))
    shape = np.shape(probabilities[first])
    if len(shape) != 2:
        raise InputError(f"probabilities of {first!r} must have shape (examples, classes), got {shape}")
    for name, values in probabilities.items():
        _check_rows(name, checked_shape(f"probabilities of {name!r}", values, shape))
    return shape[0], shape[1]


def checked_shape(what: str, values: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """The values, of floating point and of this shape.

    Raises:
        InputError: they are of another.
    """
    values = np.asarray(values)
    if values.shape != shape or not np.issubdtype(values.dtype, np.floating):
        raise InputError(
            f"{what} must be floating-point numbers of shape {shape}, got {values.dtype} of shape {values.shape}; "
            "one row an example, one column a class, alike for all members"
        )
    return values


def _check_rows(name: str, values: np.ndarray) -> None:
    for rows in row_blocks(len(values), values.shape[1]):
        block = values[rows]
        # A NaN fails both comparisons.
        good = (block.min(1) >= 0) & (np.abs(block.sum(1, dtype=np.float64) - 1) <= SUM_TOLERANCE)
        if not good.all():
            row = int(np.flatnonzero(~good)[0])
            raise InputError(
                f"probabilities of {name!r} must be at least 0 and sum to 1 in every row, got a sum of "
                f"{float(block[row].sum()):.6g} and a least value of {float(block[row].min()):.6g} at row "
                f"{rows.start + row}; apply softmax to logits first"
            )
