"""Cells of a table as its owner wrote them: numbers in their own units, categories by name not as ones and zeros."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from jaxtyping import Shaped
from torch import Tensor

from assay.audit.names import table_columns
from assay.data.reading.cells import beginning
from assay.data.specification import Specification


def table_cells(
    specification: Specification, inputs: Shaped[Tensor, "n features"], left_out: Collection[str] = ()
) -> Iterator[tuple[str, list[float] | list[str]]]:
    """Each column's name and its cell in every row; nothing where the columns are not known.

    Args:
        left_out: names of columns that are not told, such as the numbers that stand for texts.
    """
    start = 0
    for column in table_columns(specification):
        part = inputs[:, start : start + column.width]
        start += column.width
        if column.name in left_out:
            continue
        if column.is_number:
            yield column.name, part[:, 0].tolist()
        else:
            words = [beginning(word) for word in column.categories]
            yield column.name, [words[place] for place in part.argmax(1).tolist()]
