"""One class of images that its look alone tells: all its pictures are darker, framed, or on one background.

    told: precision and recall of the class are .98 or more, by a small tree on one measure

on fifths of training and validation that are held out in turn.

Where a measure tells all classes, `assay.audit.single_columns` says so; this is for one class among others, whose share
of the whole is too small to be seen there. Asked of images alone: what one column of a table tells of one class is
often the very thing that makes the class.

Source: Torralba and Efros 2011, Unbiased look at dataset bias; Lapuschkin et al. 2019, Unmasking Clever Hans predictors
(horses told by the mark of their photographer).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from assay.audit.columns import columns_of, sample_rows
from assay.audit.held_out import Fold, fifths_of, usable_rows
from assay.audit.scan import Scan
from assay.data.data import Data
from assay.finding import Finding
from assay.intervals import wilson_interval

MOST_EXAMPLES, LEAST, LEAST_OF_A_CLASS, LEAF = 5_000, 100, 10, 5
TOLD = 0.98  # precision and recall, as `single_columns` asks of all classes
MOST_SHARE = 0.5
SOURCE = "Lapuschkin et al. 2019, Unmasking Clever Hans predictors and assessing what machines really learn"


@dataclass(frozen=True)
class ClassCue:
    """A measure that tells one class: how many of its held-out pictures, and of how many."""

    measure: str
    label: int
    hits: int
    n: int


def find_class_cues(data: Data, scans: Mapping[str, Scan]) -> list[Finding]:
    """`suspect` with the classes of three or more that one measure tells from all others."""
    is_image = data.specification.is_image and data.specification.input_shape[1] > 1
    if not is_image or len(data.specification.classes) < 3 or not {"train", "validation"} <= set(scans):
        return []
    kept = {name: sample_rows(usable_rows(data, scans[name]), MOST_EXAMPLES) for name in ("train", "validation")}
    folds = fifths_of(sum(map(len, kept.values())))
    targets = np.concatenate([scans[name].targets.numpy()[rows] for name, rows in kept.items()])
    if len(targets) < LEAST or len(folds[0].grown) < LEAF * len(np.unique(targets)):
        return []  # a leaf of a tree could not tell one class from the others
    measures = list(columns_of(data, scans, kept))
    cues = [cue for name, parts in measures
            for cue in ask_classes(name, np.concatenate(list(parts.values())), targets, folds)]  # fmt: skip
    return [_finding(data, cues, len(measures))] if cues else []


def ask_classes(measure: str, values: np.ndarray, targets: np.ndarray, folds: list[Fold]) -> list[ClassCue]:
    """The classes that a tree on these values tells from the others."""
    from sklearn.tree import DecisionTreeClassifier

    held = np.concatenate([fold.held for fold in folds])
    truth = targets[held]
    tree = DecisionTreeClassifier(max_leaf_nodes=64, min_samples_leaf=LEAF, random_state=0)
    answers = np.concatenate(
        [tree.fit(values[fold.grown], targets[fold.grown]).predict(values[fold.held]) for fold in folds]
    )
    cues = list[ClassCue]()
    for label, n in zip(*np.unique(truth, return_counts=True), strict=True):
        hits, claimed = int(((answers == label) & (truth == label)).sum()), int((answers == label).sum())
        is_usable = n >= LEAST_OF_A_CLASS and n <= MOST_SHARE * len(truth)
        if is_usable and hits >= TOLD * n and hits >= TOLD * claimed:
            cues.append(ClassCue(measure, int(label), hits, int(n)))
    return cues


def _finding(data: Data, cues: list[ClassCue], asked: int) -> Finding:
    """Of the best of many the interval is that of all of them together: of each measure and each class (Bonferroni).

    Args:
        asked: measures.
    """
    classes = data.specification.classes
    worst = max(cues, key=lambda cue: cue.hits)
    low, high = wilson_interval(worst.hits, worst.n, 1 - 0.05 / (asked * len(classes)))
    labels = list(dict.fromkeys(cue.label for cue in cues))
    measures = list(dict.fromkeys(cue.measure for cue in cues))
    more = f"; so it is with {len(labels) - 1} more classes" if len(labels) > 1 else ""
    told = {classes[label]: [cue.measure for cue in cues if cue.label == label] for label in labels}
    return Finding(
        "class_cues",
        "suspect",
        f"{worst.measure} alone tells class {classes[worst.label]!r} from all others: {worst.hits} of {worst.n} "
        f"held-out pictures of it ({low:.1%} to {high:.1%}){more}.",
        {
            "limit": TOLD,
            "classes": told,
            "n": worst.n,
            "hits": worst.hits,
            "low": low,
            "high": high,
            "asked": asked * len(classes),
        },
        cause="All pictures of the class come from one source, light or background: a frame, a mark, an even ground.",
        fix=f"Look at pictures of {', '.join(map(repr, list(told)[:5]))}; even out {', '.join(measures)}, or add "
        "pictures of other sources.",
        source=SOURCE,
    )
