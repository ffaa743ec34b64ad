"""Are equal rows the same example, or just alike? Two people can be 34, female and from Rome.

Equal pictures are copies. Equal rows of a coarse table may be different examples that happen to
agree, and an alarm about each would be false.
"""

from __future__ import annotations

import math

import numpy as np

from assay.audit.names import table_columns
from assay.audit.scan import Scan
from assay.data.specification import Specification
from assay.finding import Level

ROWS = 5_000
FEW = 0.01
"""Columns are seldom independent, so coincidences are commoner than computed: hence not 1."""
CLEAR = 4.0


def expected_coincidences(specification: Specification, train: Scan, pairs: int) -> float:
    """Pairs of equal rows to expect by chance among `pairs` pairs, were the columns independent.

        pairs * product over columns of the chance that two rows agree in it

    The chance is estimated without bias as sum c (c - 1) / m (m - 1) over value counts c in up to
    5,000 rows, so one column of measurements without repeated values gives 0. Images give 0.
    """
    if len(specification.input_shape) > 1 or len(train) < 2:
        return 0.0
    rows = train.split.gather(train.indices[:: max(1, len(train) // ROWS)]).numpy()
    chance, start = 1.0, 0
    for width in _block_widths(specification):
        _, counts = np.unique(rows[:, start : start + width], axis=0, return_counts=True)
        chance *= float((counts * (counts - 1)).sum()) / (len(rows) * (len(rows) - 1))
        start += width
        if chance == 0.0:
            return 0.0
    return pairs * chance


def level_of_equals(expected: float, matched: tuple[int, int], within: tuple[int, int]) -> Level:
    """How sure it is that equal rows in two splits are shared examples.

    `proved` when chance would give none. Else `suspect` when rows of the second split (`matched` of
    n) have an equal in the first far oftener than rows of the first have another (`within` of n): a
    random split would make the two shares alike. Else `note`.
    """
    if expected < FEW:
        return "proved"
    (hits, n), (others, m) = matched, within
    pooled = (hits + others) / (n + m)
    spread = math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    return "suspect" if spread > 0 and (hits / n - others / m) / spread > CLEAR else "note"


def _block_widths(specification: Specification) -> list[int]:
    """Features of one column belong together: a category's are never independent."""
    return [column.width for column in table_columns(specification)] or [1] * specification.input_shape[0]
