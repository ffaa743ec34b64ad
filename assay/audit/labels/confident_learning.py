"""Confident learning: how many labels are wrong, and which classes are taken for which.

    threshold[j]  = mean p[j] over examples labelled j
    counts[i][j]  = examples labelled i whose likeliest class among {k: p[k] >= threshold[k]} is j
    joint[i][j]   = counts[i][j] / sum counts[i] * share of examples labelled i

It estimates and does not rank: its cut-off counts too few where wrong labels are the hard examples, and too many
where the models themselves mix up classes.

Source: Northcutt, Jiang and Chuang 2021 (arXiv:1911.00068), section 3.1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sparse
from jaxtyping import Float, Int

from assay.audit.labels.given import row_blocks


@dataclass(frozen=True)
class NoiseEstimate:
    """How much label noise there seems to be, by two methods that err differently.

    share: of wrong labels, by confident learning.
    clear_share: of labels that differ from the pool's answer where that is clearest (`transition`). It is right
        where noise goes by class alone, and too low where it sits on the hard examples.
    floor: of wrong labels at least; 0 where the judges' own errors may explain all that they dispute (`noise_floor`).
    joint: (given class, likely class) shares that sum to 1, sparse.
    thresholds: mean probability of each class over its own examples; infinite for a class without any.
    interval: 95 %, of the share, by which examples were drawn (`noise_interval`). What the models mix up, and what
        they cannot see, is not in it.
    """

    share: float
    clear_share: float
    n: int
    joint: sparse.csr_array
    thresholds: np.ndarray
    interval: tuple[float, float] = (0.0, 1.0)
    floor: float = 0.0

    @property
    def between(self) -> tuple[float, float]:
        """The least share of wrong labels and the most: model errors count as wrong labels in the latter only."""
        return min(self.floor, self.interval[1]), self.interval[1]

    @property
    def has_least(self) -> bool:
        """Whether some labels are surely wrong, by a share that is told as more than 0.0 %."""
        return round(self.between[0], 3) > 0

    @property
    def count(self) -> int:
        """Wrong labels to be expected among n, by confident learning."""
        return round(self.share * self.n)

    def confusions(self, most: int = 10) -> tuple[tuple[int, int, float], ...]:
        """The commonest (given class, likely class, examples), most examples first."""
        entries = self.joint.tocoo()
        off = np.flatnonzero(entries.row != entries.col)
        counts = np.asarray(entries.data) * self.n
        order = off[np.argsort(-counts[off], kind="stable")][:most]
        return tuple((int(entries.row[i]), int(entries.col[i]), float(counts[i])) for i in order.tolist())

    def class_shares(self) -> Float[np.ndarray, " classes"]:
        """The share of wrong labels among those of each class; nan for a class without examples."""
        entries, classes = self.joint.tocoo(), len(self.thresholds)
        shares, off = np.asarray(entries.data), entries.row != entries.col
        given = np.bincount(entries.row, weights=shares, minlength=classes)
        wrong = np.bincount(entries.row[off], weights=shares[off], minlength=classes)
        return np.where(given > 0, wrong / np.where(given > 0, given, 1.0), np.nan)


def class_thresholds(
    values: Float[np.ndarray, "n classes"], labels: Int[np.ndarray, " n"]
) -> Float[np.ndarray, " classes"]:
    """Mean probability of a class over the examples that carry its label; infinite where there are none."""
    classes = values.shape[1]
    counts = np.bincount(labels, minlength=classes)
    own = values[np.arange(len(labels)), labels].astype(np.float64)
    sums = np.bincount(labels, weights=own, minlength=classes)
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.inf)


def confident_joint(
    values: Float[np.ndarray, "n classes"], labels: Int[np.ndarray, " n"], thresholds: Float[np.ndarray, " classes"]
) -> sparse.csr_array:
    """Shares of (given, likely) pairs that sum to 1; a class of which no example is counted is taken as right."""
    n, classes = values.shape
    likely = likely_classes(values, thresholds)
    given = np.bincount(labels, minlength=classes)
    counted = likely >= 0
    totals = np.bincount(labels[counted], minlength=classes)
    unseen = np.flatnonzero((totals == 0) & (given > 0))
    weight = given / np.maximum(totals, 1) / n
    entries = np.concatenate([weight[labels[counted]], given[unseen] / n])
    places = (np.concatenate([labels[counted], unseen]), np.concatenate([likely[counted], unseen]))
    joint = sparse.coo_array((entries, places), shape=(classes, classes)).tocsr()
    joint.sum_duplicates()
    return joint


def likely_classes(
    values: Float[np.ndarray, "n classes"], thresholds: Float[np.ndarray, " classes"]
) -> Int[np.ndarray, " n"]:
    """The likeliest class among those whose threshold is reached; -1 where none is."""
    n, classes = values.shape
    likely = np.full(n, -1, dtype=np.int64)
    for rows in row_blocks(n, classes):
        block = np.where(values[rows] >= thresholds, values[rows], -1.0)
        likely[rows] = np.where(block.max(1) >= 0, block.argmax(1), -1)
    return likely
