"""How often a flag is right: precision at each cut-off, from a random sample that a person reviewed.

    precision = wrong labels / reviewed examples, among the reviewed that score at least the cut-off

It holds only for a sample drawn at random: of the worst suspects alone it would flatter. Every figure has its n and
its Wilson interval.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from assay.audit.labels.cut_off import reviewed_rows
from assay.errors import InputError
from assay.intervals import wilson_interval


@dataclass(frozen=True)
class Precision:
    """At one cut-off: how many examples score at least it, how many of these were reviewed, and how many are wrong.

    precision: nan where none was reviewed, as between low 0 and high 1 all is open.
    """

    cut_off: float
    flagged: int
    reviewed: int
    wrong: int
    precision: float
    low: float
    high: float


def draw_for_review(among: Bool[np.ndarray, " n"], size: int, *, seed: int = 0) -> Int[np.ndarray, " size"]:
    """Rows drawn at random and without return, in random order; fewer than `size` where there are fewer.

    Args:
        among: which examples may be drawn: those flagged, to learn their precision, or all.
    Raises:
        InputError: size is below 1, or there is nothing to draw from.
    """
    rows = np.flatnonzero(among)
    if size < 1 or not rows.size:
        raise InputError(f"size must be at least 1 and there must be examples to draw, got {size} of {rows.size}")
    return np.random.default_rng(seed).permutation(rows)[:size]


def measure_precision(
    score: Float[np.ndarray, " n"],
    reviewed: Mapping[int, bool],
    cut_offs: Sequence[float] | np.ndarray,
    *,
    confidence: float = 0.95,
) -> tuple[Precision, ...]:
    """Precision at each cut-off, in the order given.

    Args:
        reviewed: for each row of a random sample, whether its label is wrong. The sample may be drawn among the
            examples above the lowest cut-off only.
        confidence: of the Wilson intervals.
    Raises:
        InputError: a reviewed row is not there.
    """
    rows, wrong = reviewed_rows(reviewed, len(score))
    found = []
    for cut_off in np.asarray(cut_offs, dtype=np.float64).tolist():
        above = score[rows] >= cut_off
        n, errors = int(above.sum()), int(wrong[above].sum())
        low, high = wilson_interval(errors, n, confidence) if n else (0.0, 1.0)
        share = errors / n if n else float("nan")
        found.append(Precision(cut_off, int((score >= cut_off).sum()), n, errors, share, low, high))
    return tuple(found)
