"""How near is nearer than chance: each example's farther neighbours tell how near unrelated ones come.

Around an example the number of unrelated ones within a distance grows as a power of it, the local dimension:

    expected(d) = k (1 + log(d_k / d) / total)^-r
    total       = sum of log(d_k / d_i) over i = c + 1 .. k - 1, and c times that of i = c + 1
    r           = k - 1 - c

with d_i the distance of the i-th neighbour. The nearest c may be copies, so of them it is used only that they
are nearer than the others. Logarithms of distances are exponential in such a law; this is the exact predictive
tail of an exponential whose rate is known from r values and c censored ones, so that few neighbours make it
careful. Nothing is set by hand but how many of the found pairs may be false.

In small sets only few neighbours are near enough to tell a local dimension. There the dimensions of all examples are
taken for draws of one gamma law with shape a and rate b, whose moments the totals give: it adds a to r and b to total
(a at most 3 r, so that no example is told more by the others than three times what it tells itself).

Source: local dimension: Levina and Bickel 2004, Maximum likelihood estimation of intrinsic dimension; censoring:
Epstein and Sobel 1953, Life testing; the false share: Benjamini and Hochberg 1995; gamma law: Robbins 1956, An
empirical Bayes approach to statistics.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from assay.audit.similar.neighbours import Neighbours

COPIES = 10
"""Neighbours that may be copies. A group of many more copies than this hides itself: its members look usual."""
FALSE_SHARE = 0.01
"""So that clean data raise a false alarm in at most about one audit of a hundred."""
LEAST_NEIGHBOURS = 5
MOST_BORROWED = 3.0
"""Times what an example tells of its own dimension."""
NEAREST = 1e-6
"""Distances of features in float32 are no finer than this."""


@dataclass(frozen=True, eq=False)
class ClosePairs:
    """Pairs of rows nearer than chance; first < second, the surest pair first.

    expected: unrelated examples that would be as near to one of the two, the larger of both sides.
    """

    first: np.ndarray
    second: np.ndarray
    distance: np.ndarray
    expected: np.ndarray

    def __len__(self) -> int:
        return len(self.first)


def expected_by_chance(
    distances: Float[Tensor, "n k"], *, copies: int = COPIES, borrow: bool = False
) -> Float[Tensor, "n copies"]:
    """How many unrelated examples would be as near as each of the nearest `copies` ones.

    Args:
        distances: to the nearest k others, ascending.
        borrow: learn the dimension of each also from the others.
    Raises:
        ValueError: copies is below 1, or leaves fewer than 5 neighbours to learn from.
    """
    known = distances.shape[1] - 1 - copies
    if copies < 1 or known < LEAST_NEIGHBOURS:
        raise ValueError(f"copies must be at least 1 and leave {LEAST_NEIGHBOURS} of k - 1 = {distances.shape[1] - 1} "
                         f"neighbours, got {copies}; ask for more neighbours")  # fmt: skip
    depths = (distances[:, -1:].double().clamp(min=NEAREST) / distances.double().clamp(min=NEAREST)).log()
    total = depths[:, copies:-1].sum(1) + copies * depths[:, copies]
    # A total of zero is a ring of equal distances: it says nothing about nearer ones, and none of them is a pair.
    more, rate = _gamma_law(total[total > 0], known) if borrow else (0.0, 0.0)
    ratios = torch.where(total[:, None] > 0, depths[:, :copies] / (total[:, None] + rate), 0.0)
    return (distances.shape[1] * (1 + ratios) ** -(known + more)).float()


def _gamma_law(totals: Float[Tensor, " n"], known: int) -> tuple[float, float]:
    """Shape and rate of the dimensions, by mean and variance of the totals: each is gamma given its dimension.

    mean = r b / (a - 1); variance / mean^2 = (r + a - 1) / (r (a - 2))
    """
    if len(totals) < LEAST_NEIGHBOURS:
        return 0.0, 0.0
    spread = known * float(totals.var() / totals.mean().square())
    shape = (known - 1 + 2 * spread) / (spread - 1) if spread > 1 else math.inf
    shape = min(shape, MOST_BORROWED * known)
    return shape, float(totals.mean()) * (shape - 1) / known


def pairs_nearer_than_chance(
    neighbours: Neighbours, *, copies: int = COPIES, false_share: float = FALSE_SHARE, borrow: bool = False
) -> ClosePairs:
    """Pairs that are each among the other's nearest, and nearer than unrelated examples come on either side.

    With `expected` sorted, the pairs up to the last i-th are taken for which n expected / 2 <= false_share * i: about
    that share of them is false.

    Args:
        neighbours: of each example among all the others of one set.
        false_share: of the pairs found; in (0, 1), usual 0.01.
        borrow: learn the local dimension of each also from the others; for small sets.
    Raises:
        ValueError: false_share is outside (0, 1), or there are too few neighbours.
    """
    if not 0.0 < false_share < 1.0:
        raise ValueError(f"false_share must be in (0, 1), got {false_share}; the usual value is {FALSE_SHARE}")
    expected = expected_by_chance(neighbours.distances, copies=copies, borrow=borrow)
    mutual = _mutual(neighbours, expected.numpy())
    order = np.argsort(mutual.expected, kind="stable")
    allowed = false_share * np.arange(1, len(order) + 1)
    fine = np.flatnonzero(len(expected) * mutual.expected[order] / 2 <= allowed)
    chosen = order[: fine[-1] + 1] if len(fine) else order[:0]
    return ClosePairs(*(values[chosen] for values in (mutual.first, mutual.second, mutual.distance, mutual.expected)))


def _mutual(neighbours: Neighbours, expected: np.ndarray) -> ClosePairs:
    """Pairs that are in both lists; the larger expectation and the smaller distance of both sides."""
    rows, ranks = np.nonzero(expected < 1.0)
    columns = neighbours.indices.numpy()[rows, ranks]
    values, distances = expected[rows, ranks], neighbours.distances.numpy()[rows, ranks]
    first, second = np.minimum(rows, columns), np.maximum(rows, columns)
    order = np.lexsort((second, first))
    first, second, values, distances = (column[order] for column in (first, second, values, distances))
    twice = np.flatnonzero((first[1:] == first[:-1]) & (second[1:] == second[:-1]))
    return ClosePairs(
        first[twice],
        second[twice],
        np.minimum(distances[twice], distances[twice + 1]),
        np.maximum(values[twice], values[twice + 1]),
    )
