"""Folds for out-of-fold predictions: every class spread evenly, and no group in two of them.

An example must be judged by models that have not seen it, nor its twin: else they repeat its label.

Source: Stone 1974, Journal of the Royal Statistical Society B 36, 111-147 (cross-validation).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Int

from assay.errors import InputError


def stratified_folds(
    labels: Int[np.ndarray, " n"], *, folds: int = 5, groups: Sequence[object] | np.ndarray | None = None, seed: int = 0
) -> Int[np.ndarray, " n"]:
    """The fold of each example, from 0; sizes within a class differ by at most one where groups allow.

    Whole groups are dealt, the largest first and then class by class, each to the fold that holds the fewest of
    its commonest label, and of these to the smallest. Without groups every example is its own.

    Args:
        groups: what must stay together (a patient, near-duplicates), one value an example.
    Raises:
        InputError: folds is below 2 or above the number of groups, or groups are not as many as labels.
    """
    n = len(labels)
    members = _members_of(n, groups)
    if not 2 <= folds <= len(members):
        what = "examples" if groups is None else "groups"
        raise InputError(f"folds must be in 2..{len(members)}, the number of {what}, got {folds}; the usual value is 5")
    draw = np.random.default_rng(seed)
    _, codes = np.unique(labels, return_inverse=True)
    commonest = np.array([np.bincount(codes[rows]).argmax() for rows in members])
    sizes = np.array([len(rows) for rows in members])
    held = np.zeros((folds, int(codes.max()) + 1), dtype=np.int64)
    total, fold_of = np.zeros(folds, dtype=np.int64), np.empty(n, dtype=np.int64)
    for place in np.lexsort((draw.random(len(members)), commonest, -sizes)):
        rows, label = members[place], commonest[place]
        chosen = np.lexsort((total, held[:, label]))[0]
        np.add.at(held[chosen], codes[rows], 1)
        total[chosen] += len(rows)
        fold_of[rows] = chosen
    return fold_of


def _members_of(n: int, groups: Sequence[object] | np.ndarray | None) -> list[np.ndarray]:
    """The rows of each group."""
    if groups is None:
        return [np.array([row]) for row in range(n)]
    if len(groups) != n:
        raise InputError(f"groups must hold one value an example, {n} in all, got {len(groups)}")
    _, codes = np.unique(np.asarray(groups), return_inverse=True)
    order = np.argsort(codes, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(codes[order])) + 1)
