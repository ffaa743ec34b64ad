"""What one column alone says of the target: a column that says all is most often a leak.

    share = held-out examples whose class a small tree on this column alone predicts
    for numbers as targets: share of their variance that it explains, and of all but the 2 % worst told

A leak need not hold in every row: some are written anew. Of classes 98 % told are enough for an alert; of numbers,
whose variance a few such rows make, 98 % of it, or 99 % without the 2 % told worst. Errors of a normal distribution
that meet the second meet the first.

Of images the columns are brightness, contrast, sharpness, colour and the colour of the border: cues that a network
takes where it can, and that are seldom what was meant (`assay.audit.columns`). Trees are grown on training examples
and asked about validation examples, or, where these are fewer than 30, about each fifth of both; test is not read.

Source: Kaufman et al. 2012, Leakage in data mining; Torralba and Efros 2011, Unbiased look at dataset bias.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from assay.audit.columns import columns_of, left_out, sample_rows
from assay.audit.held_out import Fold, fifths_of, folds_of, usable_rows
from assay.audit.scan import Scan
from assay.data.data import Data
from assay.figure import Bars
from assay.finding import Finding
from assay.intervals import wilson_interval

MOST_EXAMPLES = 5_000
LEAVES, LEAF = 64, 5
ALL = 0.98  # share from which a column alone is as good as the label; this audit's own
ALL_OF_CORE = 0.99
NEAR, ENOUGH = 0.9, 500  # of fewer, one odd row in a hundred decides whether they are all
OF_THE_REST = 0.8  # of what the commonest class leaves, that a leak tells too: else, beyond .9, nearly all would be one
DRAWN = 12
SOURCE = "Kaufman et al. 2012, Leakage in data mining: formulation, detection and avoidance"


@dataclass(frozen=True)
class ColumnShare:
    """How much of the held-out targets one column tells: a share, and of classes how many.

    core: of numbers, the share of what varies among all but the 2 % that are told worst. again: of a column that comes
    near to all of few validation examples, what it tells of each fifth of training and validation.
    """

    name: str
    share: float
    hits: int
    core: float = 0.0
    again: ColumnShare | None = None
    n: int = 0

    @property
    def decided(self) -> ColumnShare:
        """Of classes the look at more examples; of numbers, where a tree has few leaves, the look that sees more."""
        return self if self.again is None or (not self.hits and self._sees_all) else self.again

    @property
    def is_all(self) -> bool:
        return self.decided._sees_all

    @property
    def _sees_all(self) -> bool:
        return self.share >= ALL or self.core >= ALL_OF_CORE

    @property
    def why(self) -> str:
        """What decided, where the share alone would not have."""
        if self.share >= ALL:
            return ""
        of = "" if self.decided is self else f" of all {self.decided.n:,} outside test"
        if self.decided.share >= ALL:
            return f", {self.decided.share:.1%}{of}"
        return f", {self.decided.core:.1%}{of} but for the {1 - ALL:.0%} told worst"


def ask_single_columns(data: Data, scans: Mapping[str, Scan], *, seconds: float = math.inf) -> list[Finding]:
    """`suspect` for a column that alone tells at least 98 % of what is held out; else a note on the best column.

    Args:
        seconds: no further column is asked once they are over.
    """
    if not {"train", "validation"} <= set(scans):
        return []
    kept = {name: sample_rows(usable_rows(data, scans[name]), MOST_EXAMPLES) for name in ("train", "validation")}
    targets = np.concatenate([scans[name].targets.numpy()[rows] for name, rows in kept.items()])
    folds, held_out = folds_of(*map(len, kept.values()))
    if not folds:
        return []
    grown_on, asked_about = targets[folds[0].grown], targets[np.concatenate([fold.held for fold in folds])]
    kinds = len(np.unique(grown_on))
    if kinds < 2 or not np.ptp(asked_about) or (data.specification.classes and len(grown_on) < LEAF * kinds):
        return []  # a leaf of a tree could not tell one class from the others
    deadline, asked = time.monotonic() + seconds, list[ColumnShare]()
    for name, parts in columns_of(data, scans, kept):
        inputs = np.concatenate(list(parts.values()))
        asked.append(_tell(name, inputs, targets, folds))
        if max(asked[-1].share, asked[-1].core) >= NEAR and len(asked_about) < ENOUGH:
            asked[-1] = replace(asked[-1], again=_tell(name, inputs, targets, fifths_of(len(targets))))
        if time.monotonic() > deadline:
            break
    asked.sort(key=lambda one: (-one.is_all, -one.share))
    return [_finding(data, asked, asked_about, f"{len(asked_about):,} {held_out} examples")] if asked else []


def _tell(name: str, inputs: np.ndarray, targets: np.ndarray, folds: list[Fold]) -> ColumnShare:
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    is_number = np.issubdtype(targets.dtype, np.floating)
    predicted = list[np.ndarray]()
    for fold in folds:
        kind = DecisionTreeRegressor if is_number else DecisionTreeClassifier
        leaves = max(LEAVES, len(fold.grown) // LEAF)
        tree = kind(max_leaf_nodes=leaves, min_samples_leaf=LEAF, random_state=0)
        predicted.append(tree.fit(inputs[fold.grown], targets[fold.grown]).predict(inputs[fold.held]))
    answers, truth = np.concatenate(predicted), targets[np.concatenate([fold.held for fold in folds])]
    if is_number:
        missed = (answers - truth) ** 2
        best = np.argsort(missed, kind="stable")[: math.ceil(ALL * len(truth))]
        core = 1 - float(missed[best].mean()) / max(float(truth[best].var()), np.finfo(float).tiny)
        return ColumnShare(name, 1 - float(missed.mean()) / float(truth.var()), 0, core, n=len(truth))
    hits = int((answers == truth).sum())
    return ColumnShare(name, hits / len(truth), hits, n=len(truth))


def _finding(data: Data, told: list[ColumnShare], truth: np.ndarray, held_out: str) -> Finding:
    """Of the best of many columns the interval is that of all of them together (Bonferroni)."""
    n, best, columns = len(truth), told[0], len(told)
    evidence: dict[str, Any] = {"n": n, "columns": columns, "shares": {one.name: one.share for one in told[:DRAWN]}}
    usual, of, leaks = 0.0, "the target's variance", [one for one in told if one.is_all]
    beyond_chance, interval = best.share > 0, ""
    if data.specification.classes:
        usual = float(np.unique(truth, return_counts=True)[1].max()) / n
        low, high = wilson_interval(best.hits, n, 1 - 0.05 / columns)
        evidence |= {"commonest_class": usual, "low": low, "high": high}
        beyond_chance, interval, of = low > usual, f" [{low:.1%}, {high:.1%}]", "the classes"
        leaks = [one for one in leaks if one.decided.share - usual >= OF_THE_REST * (1 - usual)] if low > usual else []
    words = f"{best.name} alone tells {best.share:.1%}{interval} of {of} of {held_out}"
    words += best.why if leaks else ""
    if not beyond_chance:
        words = f"No column alone tells more than chance of {of} of {held_out}"
    floor = f"; the commonest class has {usual:.1%}" if usual else ""
    others = f", as do {', '.join(one.name for one in leaks[1:4])}" if len(leaks) > 1 else ""
    cause, fix = _CUE if data.specification.is_image else _LEAK
    return Finding(
        "single_columns",
        "suspect" if leaks else "note",
        f"{words}{floor}{others}{left_out(data)}.",
        evidence,
        cause=cause if leaks else "",
        fix=fix.format(", ".join(one.name for one in leaks)) if leaks else "",
        source=SOURCE,
        figures=(Bars("What one column alone tells", tuple(one.name for one in told[:DRAWN]),
                      tuple(one.share for one in told[:DRAWN]), "share told"),),
    )  # fmt: skip


_LEAK = (
    "The column was made from the target, or is known only once the target is.",
    "Leave out {}, unless it is known when predicting.",
)
_CUE = (
    "The classes were taken under different conditions, so that a network needs to learn nothing else.",
    "Take all classes under the same conditions, or even out {} before training.",
)
