"""Examples of all splits in columns from which their class is taken out: what is left should be independent.

    score = rank among the examples of its class, in [-1, 1], divided by its deviation within the class

Numbers as targets are cut into ten classes for it. Ranks have no far ends, so that the chances of sums of their
products are those of a normal distribution; without the class, data sorted by class are as independent as
shuffled ones.

Source: Conover and Iman 1981, Rank transformations as a bridge between parametric and nonparametric statistics.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from assay.audit.columns import columns_of
from assay.audit.scan import Scan
from assay.data.data import Data

MOST_COLUMNS, MOST_EXAMPLES = 50, 50_000
FEWEST_OF_A_CLASS = 5
TENTHS = 10


@dataclass(frozen=True, eq=False)
class Ranked:
    """n examples, one split after the other.

    splits: (n,) position of the split in `names`; strata: (n,) class, or tenth of the target.
    columns: name of each column of `scores`; the features of one column share its name.
    raw: (n, columns) as they were; scores: (n, columns) mean 0 and deviation 1 within each class, or 0 where all are
        equal or the class is too small.
    """

    names: tuple[str, ...]
    ids: tuple[str, ...]
    splits: Int[np.ndarray, " n"]
    strata: Int[np.ndarray, " n"]
    targets: Float[np.ndarray, " n"]
    columns: tuple[str, ...]
    raw: Float[np.ndarray, "n columns"]
    scores: Float[np.ndarray, "n columns"]


def rank_examples(data: Data, scans: Mapping[str, Scan]) -> Ranked | None:
    """All examples whose values are finite; None where there are no columns, or too many examples to look at."""
    rows = {name: np.flatnonzero(scan.non_finite.numpy() == 0) for name, scan in scans.items()}
    if sum(map(len, rows.values())) > MOST_EXAMPLES:
        return None
    names, parts = list[str](), list[np.ndarray]()
    for name, columns in columns_of(data, scans, rows):
        block = np.concatenate([columns[split] for split in rows]).astype(np.float64)
        names += [name] * block.shape[1]
        parts.append(block)
        if len(names) >= MOST_COLUMNS:
            break
    if not parts:
        return None
    raw = np.concatenate(parts, 1)
    targets = np.concatenate([scans[split].targets.numpy()[kept] for split, kept in rows.items()]).astype(np.float64)
    strata = strata_of(targets, is_classification=bool(data.specification.classes))
    return Ranked(
        names=tuple(rows),
        ids=tuple(scans[split].id_of(place) for split, kept in rows.items() for place in kept.tolist()),
        splits=np.repeat(np.arange(len(rows)), [len(kept) for kept in rows.values()]),
        strata=strata,
        targets=targets,
        columns=tuple(names),
        raw=raw,
        scores=score_within(raw, strata),
    )


def strata_of(targets: Float[np.ndarray, " n"], *, is_classification: bool) -> Int[np.ndarray, " n"]:
    """The class of each, or the tenth that a number lies in."""
    if not is_classification:
        cuts = np.nanquantile(targets, np.arange(1, TENTHS) / TENTHS)
        return np.searchsorted(cuts, targets)
    return np.unique(targets, return_inverse=True)[1].reshape(-1)


def score_within(
    values: Float[np.ndarray, "n columns"], strata: Int[np.ndarray, " n"]
) -> Float[np.ndarray, "n columns"]:
    """Ranks within each stratum, with mean 0 and deviation 1; 0 where there is nothing to rank."""
    from scipy.stats import rankdata

    scores = np.zeros(values.shape)
    for stratum in np.unique(strata):
        rows = np.flatnonzero(strata == stratum)
        if len(rows) < FEWEST_OF_A_CLASS:
            continue
        ranks = rankdata(values[rows], axis=0) - (len(rows) + 1) / 2
        spread = ranks.std(axis=0)
        scores[rows] = np.divide(ranks, spread, out=np.zeros_like(ranks), where=spread > 0)
    return scores
