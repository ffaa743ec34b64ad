"""Are equal rows the same example, or just alike? Two people can be 34, female and from Rome.

Equal pictures are copies. Equal rows of a coarse table may be different examples that happen to
agree, and an alarm about each would be false.
"""

from __future__ import annotations

import math
from collections import Counter
from itertools import accumulate

import numpy as np

from assay.audit.names import table_columns
from assay.audit.scan import Scan
from assay.audit.texts.passages import stand_ins_of
from assay.audit.texts.repeated_texts import LEAST_WORDS
from assay.data.data import Data
from assay.data.reading.text import words_of
from assay.finding import Level

ROWS = 5_000
FEW = 0.01
"""Columns are seldom independent, so coincidences are commoner than computed: hence not 1."""
CLEAR = 4.0


def expected_coincidences(data: Data, train: Scan, pairs: int) -> float:
    """Pairs of equal rows to expect by chance among `pairs` pairs, were the columns independent.

        pairs * product over columns of the chance that two rows agree in it

    The chance is estimated without bias as sum c (c - 1) / m (m - 1) over value counts c in up to
    5,000 rows, so one column of measurements without repeated values gives 0. Images give 0, and texts of
    five words or more: equal ones are copies.
    """
    if len(data.specification.input_shape) > 1 or len(train) < 2:
        return 0.0
    every = slice(None, None, max(1, len(train) // ROWS))
    rows, chance = train.split.gather(train.indices[every]).numpy(), _share_of_equal_texts(data, train, every)
    for span in _spans(data):
        _, counts = np.unique(rows[:, span], axis=0, return_counts=True)
        chance *= _share_of_pairs(counts, len(rows))
        if chance == 0.0:
            return 0.0
    return pairs * chance


def _share_of_pairs(counts: np.ndarray, rows: int) -> float:
    return float((counts * (counts - 1)).sum()) / (rows * (rows - 1))


def _share_of_equal_texts(data: Data, train: Scan, every: slice) -> float:
    """Pairs of rows whose texts are equal and so short that this may be chance; 1 without texts."""
    if data.texts is None:
        return 1.0
    ids = [train.split.ids[place] for place in train.indices[every].tolist()]
    written = [tuple(text for _, text in data.texts.of(id)) for id in ids]
    short = Counter(texts for texts in written if max(len(words_of(text)) for text in texts) < LEAST_WORDS)
    return _share_of_pairs(np.array(list(short.values()), dtype=float), len(ids))


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


def _spans(data: Data) -> list[slice]:
    """The features of each column; a category's are never independent, nor are a text and its length."""
    columns, standing = table_columns(data.specification), stand_ins_of(data)
    if not columns:
        return [slice(place, place + 1) for place in range(data.specification.input_shape[0])]
    ends = accumulate(column.width for column in columns)
    return [
        slice(end - column.width, end)
        for column, end in zip(columns, ends, strict=True) if column.name not in standing
    ]  # fmt: skip
