"""One example of a table as its owner knows it: columns by name, numbers in their own units, categories as words."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor

from assay.data.encoders import TableEncoder
from assay.data.specification import Specification

DIGITS = 7
"""Of a number in 32 bits; more are noise."""


def read_row(specification: Specification, inputs: Float[Tensor, " features"]) -> tuple[tuple[str, str], ...]:
    """Name and value of each column; of an array's vectors the features by their number, from 1."""
    values = inputs.tolist()
    if not isinstance(specification.encoder, TableEncoder):
        return tuple((f"feature {number}", f"{value:.{DIGITS}g}") for number, value in enumerate(values, start=1))
    rows, start = list[tuple[str, str]](), 0
    for column in specification.encoder.columns:
        block = values[start : start + column.width]
        start += column.width
        if column.is_number:
            rows.append((column.name, f"{block[0]:.{DIGITS}g}"))
        else:
            rows.append((column.name, column.categories[block.index(max(block))]))
    return tuple(rows)
