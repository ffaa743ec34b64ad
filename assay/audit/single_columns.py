"""What one column alone says of the target: a column that says all is most often a leak.

    share = held-out examples whose class a small tree on this column alone predicts
    for numbers as targets: share of their variance that it explains

Of images the columns are brightness, contrast and sharpness: cues that a network takes where it can, and that are
seldom what was meant (`assay.audit.columns`). Trees are grown on training examples and asked about validation
examples; test is not read.

Source: Kaufman et al. 2012, Leakage in data mining; Torralba and Efros 2011, Unbiased look at dataset bias.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from assay.audit.columns import columns_of, sample_rows
from assay.audit.scan import Scan
from assay.data.data import Data
from assay.figure import Bars
from assay.finding import Finding
from assay.intervals import wilson_interval

MOST_EXAMPLES, LEAST = 5_000, 30
LEAVES, LEAF = 64, 5
ALL = 0.98  # share from which a column alone is as good as the label; this audit's own
USUAL = 0.9  # of one class: beyond it, every column predicts nearly all
DRAWN = 12
SOURCE = "Kaufman et al. 2012, Leakage in data mining: formulation, detection and avoidance"


@dataclass(frozen=True)
class Told:
    """How much of the held-out targets one column tells, and the least it does at 95 % confidence."""

    name: str
    share: float
    low: float


def ask_single_columns(data: Data, scans: Mapping[str, Scan]) -> list[Finding]:
    """`suspect` for a column that alone tells at least 98 % of what is held out; else a note on the best column."""
    if not {"train", "validation"} <= set(scans) or min(len(scans["train"]), len(scans["validation"])) < LEAST:
        return []
    kept = {name: sample_rows(_usable(data, scans[name]), MOST_EXAMPLES) for name in ("train", "validation")}
    if min(map(len, kept.values())) < LEAST:
        return []
    targets = [scans[name].targets.numpy()[rows] for name, rows in kept.items()]
    kinds = len(np.unique(targets[0]))
    if kinds < 2 or (data.specification.task == "classification" and len(targets[0]) < LEAF * kinds):
        return []  # a leaf of a tree could not tell one class from the others
    columns = columns_of(data, scans, kept)
    told = sorted((_tell(name, *parts.values(), *targets) for name, parts in columns), key=lambda one: -one.share)
    return [_finding(data, told, targets[1])] if told else []


def _usable(data: Data, scan: Scan) -> np.ndarray:
    """Examples whose target and inputs are such as they should be; others are told of elsewhere."""
    targets = scan.targets.numpy()
    classes = len(data.specification.classes)
    fits = (targets >= 0) & (targets < classes) if classes else np.isfinite(targets)
    return fits & (scan.non_finite.numpy() == 0)


def _tell(name: str, inputs: np.ndarray, held: np.ndarray, targets: np.ndarray, truth: np.ndarray) -> Told:
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    if np.issubdtype(targets.dtype, np.floating):
        regressor = DecisionTreeRegressor(max_leaf_nodes=len(targets) // LEAF, min_samples_leaf=LEAF, random_state=0)
        left = (regressor.fit(inputs, targets).predict(held) - truth) ** 2
        share = 1 - float(left.mean()) / max(float(truth.var()), np.finfo(float).tiny)
        return Told(name, share, share)
    tree = DecisionTreeClassifier(max_leaf_nodes=LEAVES, min_samples_leaf=LEAF, random_state=0)
    hits = int((tree.fit(inputs, targets).predict(held) == truth).sum())
    return Told(name, hits / len(truth), wilson_interval(hits, len(truth))[0])


def _finding(data: Data, told: list[Told], truth: np.ndarray) -> Finding:
    classification, best, n = data.specification.task == "classification", told[0], len(truth)
    usual = float(np.unique(truth, return_counts=True)[1].max()) / n if classification else 0.0
    leaks = [one for one in told if one.share >= ALL and one.low > usual and usual <= USUAL]
    what = f"the class of {best.share:.1%}" if classification else f"{best.share:.1%} of the target's variance"
    floor = f"; the commonest class has {usual:.1%}" if classification else ""
    others = f", as do {', '.join(one.name for one in leaks[1:4])}" if len(leaks) > 1 else ""
    shown, words = told[:DRAWN], _CUE if data.specification.is_image else _LEAK
    return Finding(
        "single_columns",
        "suspect" if leaks else "note",
        f"{best.name} alone tells {what} of {n:,} validation examples{floor}{others}.",
        {"n": n, "commonest_class": usual, "shares": {one.name: one.share for one in shown}},
        cause=words[0] if leaks else "",
        fix=words[1].format(", ".join(one.name for one in leaks)) if leaks else "",
        source=SOURCE,
        figures=(Bars("What one column alone tells", tuple(one.name for one in shown),
                      tuple(one.share for one in shown), "share told"),),
    )  # fmt: skip


_LEAK = (
    "The column was made from the target, or is known only once the target is.",
    "Leave out {}, unless it is known when predicting.",
)
_CUE = (
    "The classes were taken under different conditions, so that a network needs to learn nothing else.",
    "Take all classes under the same conditions, or even out {} before training.",
)
