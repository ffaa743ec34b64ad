"""Pairs of like examples, and the groups they make: whoever is linked by a chain of pairs is in one group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Kind = Literal["exact", "flip", "perceptual", "near"]
KINDS: tuple[Kind, ...] = ("exact", "flip", "perceptual", "near")


@dataclass(frozen=True, eq=False)
class Pairs:
    """Pairs of rows, first < second, the surest first.

    kind: place in `KINDS`. `exact`: equal values; `flip`: equal to the mirror image; `perceptual`: near, and
    the perceptual hashes differ in at most 6 bits; `near`: nearer than chance.
    expected: unrelated examples that would be as near; 0 where values are equal.
    """

    first: np.ndarray
    second: np.ndarray
    kind: np.ndarray
    expected: np.ndarray

    def __len__(self) -> int:
        return len(self.first)

    def where(self, chosen: np.ndarray) -> Pairs:
        """The pairs at these positions, or for which this is true."""
        return Pairs(self.first[chosen], self.second[chosen], self.kind[chosen], self.expected[chosen])

    def of_kinds(self, *kinds: Kind) -> Pairs:
        """The pairs of these kinds."""
        return self.where(np.isin(self.kind, [KINDS.index(kind) for kind in kinds]))

    def counts(self) -> dict[str, int]:
        """Pairs of each kind that there are."""
        return {kind: n for i, kind in enumerate(KINDS) if (n := int((self.kind == i).sum()))}


def join_pairs(*parts: Pairs) -> Pairs:
    """All pairs; one that occurs twice counts once, as what its earlier part says."""
    first, second, kind, expected = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("first", "second", "kind", "expected")
    )
    _, kept = np.unique(np.stack([first, second]), axis=1, return_index=True)
    chosen = kept[np.lexsort((kept, kind[kept]))]
    return Pairs(first[chosen], second[chosen], kind[chosen], expected[chosen])


def group_pairs(pairs: Pairs, n: int) -> np.ndarray:
    """(n,) the number of the group of each of n rows; a row in no pair is alone in its group."""
    links = coo_array((np.ones(len(pairs), dtype=np.int8), (pairs.first, pairs.second)), shape=(n, n))
    return connected_components(links, directed=False)[1]


def link_equals(first: np.ndarray, second: np.ndarray, kind: Kind) -> Pairs:
    """Pairs (i, j) with first[i] == second[j], i != j: enough of them to join all that are equal.

    Of rows with one value only the first stands for all, so a value that a thousand share costs a thousand pairs.
    """
    values, places = np.unique(first, return_index=True)
    at = np.searchsorted(values, second).clip(max=len(values) - 1)
    hits = np.flatnonzero(values[at] == second)
    rows, others = places[at[hits]], hits
    low, high = np.minimum(rows, others), np.maximum(rows, others)
    apart = low != high
    count = int(apart.sum())
    return Pairs(low[apart], high[apart], np.full(count, KINDS.index(kind)), np.zeros(count))
