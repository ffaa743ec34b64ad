"""One example of a table as its owner knows it: columns by name, numbers in their own units, categories as words."""

from __future__ import annotations

from collections.abc import Collection

from jaxtyping import Float
from torch import Tensor

from assay.audit.names import table_columns
from assay.audit.table_cells import table_cells
from assay.data.specification import Specification

DIGITS = 7
"""Of a number in 32 bits; more are noise."""


def read_row(
    specification: Specification, inputs: Float[Tensor, " features"], left_out: Collection[str] = ()
) -> tuple[tuple[str, str], ...]:
    """Name and value of each column; of an array's vectors the features by their number, from 1.

    Args:
        left_out: names of columns that are not told, such as the numbers that stand for texts.
    """
    cells = [(name, values[0]) for name, values in table_cells(specification, inputs[None], left_out)]
    if not table_columns(specification):
        cells = [(f"feature {number}", value) for number, value in enumerate(inputs.tolist(), start=1)]
    return tuple((name, cell if isinstance(cell, str) else f"{cell:.{DIGITS}g}") for name, cell in cells)
