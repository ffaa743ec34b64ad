"""Exact nearest neighbours of many feature vectors, without a matrix of all pairs.

    distance(i, j) = min over views v of |queries[v, i] - references[j]|

A block of queries meets a block of references in one matrix product; of its columns only the nearest k
are kept. Beyond the features, a centred copy of them and the result, memory holds two blocks of 64 MiB
and the candidates of one block of queries, whatever the number of rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

QUERY_BLOCK = 256
REFERENCE_BLOCK = 65_536
GROUP = 32
"""Columns whose best score is found first: the nearest k lie in the k groups with the best."""


@dataclass(frozen=True, eq=False)
class Neighbours:
    """The nearest k references of each query, nearest first.

    indices: rows of the references.
    distances: Euclidean.
    """

    indices: Int[Tensor, "n k"]
    distances: Float[Tensor, "n k"]


def nearest_neighbours(
    queries: Float[Tensor, "n d"] | Float[Tensor, "views n d"],
    references: Float[Tensor, "m _"] | None = None,
    *,
    k: int,
) -> Neighbours:
    """The k nearest references of each query; between two sets, or within one where `references` is None.

    Within one set no row is its own neighbour. Where each query has several views (a picture and its
    mirror image), its nearest view counts; within one set the references are then the first views.

    Args:
        k: neighbours for each query, at most as many as there are.
    Raises:
        ValueError: k is out of range, the widths differ, or a feature is nan or infinite.
    """
    parts = list(neighbour_blocks(queries, references, k=k))
    return Neighbours(torch.cat([part.indices for part in parts]), torch.cat([part.distances for part in parts]))


def neighbour_blocks(
    queries: Float[Tensor, "n d"] | Float[Tensor, "views n d"],
    references: Float[Tensor, "m _"] | None = None,
    *,
    k: int,
) -> Iterator[Neighbours]:
    """`nearest_neighbours` of 256 queries at a time, for who wants to see how long it takes or keeps less of them.

    Raises:
        ValueError: as `nearest_neighbours`, when the first block is asked for.
    """
    views = queries if queries.ndim == 3 else queries[None]
    others = views[0] if references is None else references
    _check(views, others, k, within=references is None)
    # Distances are between differences: taking the mean away first keeps float32 from cancelling.
    centre = others.mean(0)
    views, others = (views - centre).float(), (others - centre).float()
    bias = others.square().sum(1) / -2
    buffers = torch.empty(min(2, len(views)), QUERY_BLOCK * min(REFERENCE_BLOCK, len(others)))
    for start in range(0, views.shape[1], QUERY_BLOCK):
        block = views[:, start : start + QUERY_BLOCK]
        found = _search(block, others, bias, k, start if references is None else None, buffers)
        yield Neighbours(*_measure(block, others, found))


def _search(views: Tensor, others: Tensor, bias: Tensor, k: int, own: int | None, buffers: Tensor) -> Tensor:
    """(queries, k) the nearest references; `own`: the row of the first query, where it is itself a reference."""
    best = torch.empty(views.shape[1], 0)
    indices = torch.empty(views.shape[1], 0, dtype=torch.int64)
    for start in range(0, len(others), REFERENCE_BLOCK):
        end = start + REFERENCE_BLOCK
        scores = _scores(views, others[start:end], bias[start:end], buffers)
        if own is not None:
            columns = torch.arange(len(scores)) + own - start
            inside = (columns >= 0) & (columns < scores.shape[1])
            scores[inside.nonzero().flatten(), columns[inside]] = -torch.inf
        values, columns = _largest(scores, k)
        best, order = torch.cat([best, values], 1).topk(min(k, best.shape[1] + values.shape[1]))
        indices = torch.cat([indices, columns + start], 1).gather(1, order)
    return indices


def _scores(views: Tensor, others: Tensor, bias: Tensor, buffers: Tensor) -> Tensor:
    """(queries, references) query · reference - |reference|^2 / 2: the larger, the nearer; of the best view."""
    shape = views.shape[1], len(others)
    spaces = [buffer[: shape[0] * shape[1]].view(shape) for buffer in buffers]
    scores = torch.addmm(bias, views[0], others.T, out=spaces[0])
    own = views.square().sum(2, keepdim=True) / 2
    for view, excess in zip(views[1:], own[1:] - own[0], strict=True):
        torch.maximum(scores, torch.addmm(bias, view, others.T, out=spaces[1]).sub_(excess), out=scores)
    return scores


def _largest(scores: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """The k largest of each row and their columns."""
    whole = scores.shape[1] // GROUP * GROUP
    if k * GROUP >= whole:
        return scores.topk(min(k, scores.shape[1]))
    _, groups = scores[:, :whole].unflatten(1, (-1, GROUP)).amax(2).topk(k, sorted=False)
    columns = (groups[:, :, None] * GROUP + torch.arange(GROUP)).flatten(1)
    rest = torch.arange(whole, scores.shape[1]).expand(len(scores), -1)
    columns = torch.cat([columns, rest], 1)
    values, order = scores.gather(1, columns).topk(k)
    return values, columns.gather(1, order)


def _measure(views: Tensor, others: Tensor, indices: Tensor) -> tuple[Tensor, Tensor]:
    """Indices and distances, from the differences themselves: they lose nothing where rows are almost equal."""
    squares = torch.stack([(view[:, None] - others[indices]).square().sum(2) for view in views]).amin(0)
    distances, order = squares.sqrt().sort(dim=1, stable=True)
    return indices.gather(1, order), distances


def _check(views: Tensor, others: Tensor, k: int, *, within: bool) -> None:
    most = len(others) - within
    if not 1 <= k <= most:
        raise ValueError(f"k must be from 1 to {most}, the number of other rows, got {k}; ask for fewer neighbours")
    if views.shape[2] != others.shape[1]:
        raise ValueError(f"queries and references must be of one width, got {views.shape[2]} and {others.shape[1]}; "
                         "make both by the same features")  # fmt: skip
    if not (views.isfinite().all() and others.isfinite().all()):
        raise ValueError("features must be finite, got a nan or an infinity; mend or leave out those rows")
