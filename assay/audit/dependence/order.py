"""Order: is an example like the one before it in its file, more than two of a class are alike?

    correlation = mean over neighbours of score_i * score_j              (scores: `assay.audit.dependence.ranked`)
    chance      = that of a normal distribution with deviation 1 / sqrt(neighbours), times the number of columns

Readings of a machine, frames of a film, pieces of one recording: a split by lot puts neighbours on both sides, and the
score measures how well the gaps are filled. Data that are only sorted by class show nothing here. Columns that count
the rows, or by which they were sorted, are left out.

Source: Wald and Wolfowitz 1943, An exact test for randomness based on serial correlation; Roberts et al. 2017,
Cross-validation strategies for data with temporal, spatial, hierarchical, or phylogenetic structure.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from assay.audit.dependence.ranked import Ranked, score_within
from assay.audit.dependence.series import find_neighbours
from assay.figure import Table
from assay.finding import Finding

LEAST = 100
CHANCE = 1e-3
TOLD, STRONG = 0.1, 0.5  # correlation from which it is told, and an alert; this audit's own
COUNTS = 0.98  # correlation with the place from which a column only counts, or was sorted by
STRADDLING = 0.05  # share of neighbours in different splits from which the score is at stake
MOST_OF = 1 / 3  # of the columns must hang together for an alert
SHOWN = 12
SOURCE = "Roberts et al. 2017, Cross-validation strategies for data with temporal, spatial or hierarchical structure"


@dataclass(frozen=True)
class Serial:
    """The correlation of one column with itself one place on, and its chance over all columns."""

    column: str
    correlation: float
    chance: float


def find_order_dependence(ranked: Ranked) -> list[Finding]:
    """`suspect` where neighbours are alike and lie in different splits; a note where they are somewhat alike."""
    pairs = find_neighbours(ranked.ids)
    if len(pairs) < LEAST or is_sorted_by_target(ranked, rows := _in_order(pairs)):
        return []
    kept = np.flatnonzero(~columns_in_order(ranked, rows)).tolist()
    serials = correlate_neighbours(ranked, pairs, kept)
    sure = sorted((one for one in serials if one.chance < CHANCE and one.correlation >= TOLD),
                  key=lambda one: -one.correlation)  # fmt: skip
    if not sure:
        return []
    straddling = float((ranked.splits[pairs[:, 0]] != ranked.splits[pairs[:, 1]]).mean())
    strong = sum(one.correlation >= STRONG for one in sure)
    alarm = _is_all_over(len(serials), len(sure), strong) and straddling >= STRADDLING
    return [_finding(sure, len(serials), len(pairs), straddling, alarm)]


def _is_all_over(columns: int, sure: int, strong: int) -> bool:
    """One column may be what rows were sorted by: a third, and two at least, are strong; of two one, the other sure."""
    return strong >= 1 and sure == columns if columns <= 2 else strong >= max(2, round(MOST_OF * columns))


def correlate_neighbours(ranked: Ranked, pairs: Int[np.ndarray, "pairs 2"], kept: list[int]) -> list[Serial]:
    """Each of these columns by its name; of a column of several features the strongest."""
    from scipy.stats import norm

    products = (ranked.scores[pairs[:, 0]] * ranked.scores[pairs[:, 1]]).mean(0)
    # Features that never vary within a class have no scores, and are no trial.
    kept = [place for place in kept if ranked.scores[:, place].any()]
    chances = np.minimum(1.0, norm.sf(products * np.sqrt(len(pairs))) * max(1, len(kept)))
    best = dict[str, Serial]()
    for place in kept:
        one = Serial(ranked.columns[place], float(products[place]), float(chances[place]))
        if one.column not in best or one.correlation > best[one.column].correlation:
            best[one.column] = one
    return list(best.values())


def is_sorted_by_target(ranked: Ranked, rows: Int[np.ndarray, " rows"]) -> bool:
    """Rows in order of a number to predict: whatever goes with it is in order, too."""
    is_number = len(np.unique(ranked.targets)) > len(np.unique(ranked.strata))
    return is_number and bool(_along(ranked.targets[rows][:, None])[0] >= COUNTS)


def columns_in_order(ranked: Ranked, rows: Int[np.ndarray, " rows"]) -> Bool[np.ndarray, " columns"]:
    """Whether a column rises or falls along the order, over all or within each class: it counts, or was sorted by."""
    positions = np.arange(len(rows), dtype=np.float64)[:, None]
    within = np.abs((score_within(positions, ranked.strata[rows]) * ranked.scores[rows]).mean(0))
    return (_along(ranked.raw[rows]) >= COUNTS) | (within >= COUNTS)


def _along(values: Float[np.ndarray, "rows columns"]) -> Float[np.ndarray, " columns"]:
    """Size of the rank correlation of each column with the place in the order."""
    positions, one = np.arange(len(values), dtype=np.float64)[:, None], np.zeros(len(values), dtype=np.int64)
    return np.abs((score_within(values, one) * score_within(positions, one)).mean(0))


def _in_order(pairs: Int[np.ndarray, "pairs 2"]) -> Int[np.ndarray, " rows"]:
    """Examples of all series, one series after the other, each in its order."""
    begins = ~np.isin(pairs[:, 0], pairs[:, 1])
    both = np.where(begins[:, None], pairs, np.stack([np.full(len(pairs), -1), pairs[:, 1]], 1)).reshape(-1)
    return both[both >= 0]


def _finding(sure: list[Serial], columns: int, n: int, straddling: float, alarm: bool) -> Finding:
    worst = sure[0]
    rows = tuple((one.column, f"{one.correlation:.2f}", f"{one.chance:.1g}") for one in sure[:SHOWN])
    return Finding(
        "order_dependence",
        "suspect" if alarm else "note",
        f"Neighbours in the source's order are alike beyond their class: {worst.column} correlates by "
        f"{worst.correlation:.2f} from one to the next, {len(sure)} of {columns} columns by {TOLD:g} or more (n={n:,} "
        f"neighbours, {straddling:.0%} of them in different splits).",
        {"n": n, "columns": columns, "limit": STRONG, "straddling": straddling,
         "correlations": {one.column: one.correlation for one in sure[:SHOWN]}},
        cause="Readings that follow one another in time, frames of one film, pieces of one recording, or rows of one "
        "person, device or batch: they are no independent examples.",
        fix="Give what makes a block or person as --group, or divide the source by time into train, validation and "
        "test yourself: examples that follow one another must not lie in different splits."
        if straddling >= STRADDLING
        else "Nothing, if each split holds whole blocks; intervals are narrower than they should be.",
        source=SOURCE,
        figures=(Table("Likeness of neighbours", ("column", "correlation", "chance"), rows),),
    )  # fmt: skip
