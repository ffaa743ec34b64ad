"""Columns that say the same: one twice, in other units, or under other names of its values.

    of numbers:  |r| >= 1 - 1e-6 (r: Pearson's correlation); nearly, where r >= .95 and 99 % of the cells are equal
    of words:    each value of one goes with one value of the other, and the other way round

Copies make a model neither better nor worse at its training, but weights, importances and single columns that are left
out mean nothing any more; and what was filled in one of them is a cell the other still knows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from jaxtyping import Float, Int

from assay.audit.columns import columns_of, left_out, sample_rows
from assay.audit.scan import Scan
from assay.data.data import Data
from assay.finding import Finding

MOST_EXAMPLES, LEAST = 5_000, 30
SAME, LIKE, EQUAL_CELLS = 1e-6, 0.95, 0.99  # this audit's own
SHOWN = 20


@dataclass(frozen=True)
class Pair:
    """Two columns, and how they go together."""

    first: str
    second: str
    how: str
    is_whole: bool = True


def find_duplicate_columns(data: Data, scans: Mapping[str, Scan]) -> list[Finding]:
    """`suspect` with the pairs that are copies in all training examples; a note where they are so in nearly all."""
    if "train" not in scans or len(data.specification.input_shape) != 1:
        return []
    rows = sample_rows(scans["train"].non_finite.numpy() == 0, MOST_EXAMPLES)
    if len(rows) < LEAST:
        return []
    columns = {name: parts["train"] for name, parts in columns_of(data, scans, {"train": rows})}
    pairs = [*same_numbers(columns), *same_words(columns)]
    return [_finding(pairs, len(rows), left_out(data))] if pairs else []


def same_numbers(columns: Mapping[str, Float[np.ndarray, "n width"]]) -> list[Pair]:
    """Pairs of number columns of which one is the other, times and plus a number; or nearly the other."""
    varied = {name: part[:, 0].astype(float) for name, part in columns.items() if part.shape[1] == 1 and np.ptp(part)}
    if len(varied) < 2:
        return []
    names, values = list(varied), np.stack(list(varied.values()))
    correlations = np.corrcoef(values)
    pairs = list[Pair]()
    for one, other in np.argwhere(np.triu(np.abs(correlations) >= LIKE, 1)).tolist():
        equal = float((values[one] == values[other]).mean())
        if equal == 1.0:
            pairs.append(Pair(names[one], names[other], "are equal"))
        elif abs(correlations[one, other]) >= 1 - SAME:
            pairs.append(Pair(names[one], names[other], "differ by a factor and an offset"))
        elif equal >= EQUAL_CELLS:
            pairs.append(Pair(names[one], names[other], f"are equal in {equal:.1%} of the rows", is_whole=False))
    return pairs


def same_words(columns: Mapping[str, Float[np.ndarray, "n width"]]) -> list[Pair]:
    """Pairs with at least one column of words, whose values go together one to one."""
    codes = {name: _renamed(part) for name, part in columns.items()}
    alike = dict[bytes, list[str]]()
    for name, code in codes.items():
        # What hardly ever repeats goes with anything.
        if 1 < code.max() + 1 <= len(code) / 5:
            alike.setdefault(code.tobytes(), []).append(name)
    pairs = (pair for names in alike.values() for pair in combinations(names, 2))
    return [
        Pair(one, other, "name the same")
        for one, other in pairs
        if max(columns[one].shape[1], columns[other].shape[1]) > 1
    ]


def _renamed(part: Float[np.ndarray, "n width"]) -> Int[np.ndarray, " n"]:
    """A number for each value, counted in the order in which values first appear."""
    values = part[:, 0] if part.shape[1] == 1 else part.argmax(axis=1)
    _, first, inverse = np.unique(values, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[inverse]


def _finding(pairs: list[Pair], n: int, more: str) -> Finding:
    whole = [pair for pair in pairs if pair.is_whole]
    worst = (whole or pairs)[0]
    return Finding(
        "duplicate_columns",
        "suspect" if whole else "note",
        f"{len(pairs)} pair{'s' if len(pairs) > 1 else ''} of columns say the same: {worst.first!r} and "
        f"{worst.second!r} {worst.how} (n={n:,} training examples){more}.",
        evidence={"n": n, "count": len(pairs),
                  "pairs": [f"{pair.first} and {pair.second} {pair.how}" for pair in pairs[:SHOWN]]},
        cause="A table was joined with itself, a value is given in two units, or a name beside its code.",
        fix="Keep one of each pair; where they differ in a few rows, find out which is right.",
        source="the limits of .95 and 99 % are this audit's own",
    )  # fmt: skip
