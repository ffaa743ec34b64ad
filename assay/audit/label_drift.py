"""Classes that are commoner or rarer in validation or test than in training, or missing there.

    distance = sum over classes |share in the split - share in train| / 2        (total variation)

The chance of such counts under one set of shares is that of a chi-squared test, in which classes of which fewer than 5
are expected in either split are taken together, corrected over the splits by Holm's method. A class is told as missing
where it would be by chance once in a thousand. Of numbers as targets the two distribution functions are compared
(Kolmogorov-Smirnov), as `assay.audit.drift` compares columns. Only how often each label occurs is looked at, as in the
counts of `assay.audit.class_balance`; splits that Assay makes are stratified and do not drift, unless few large groups
(--group) must each stay whole.

Source: Lipton, Wang and Smola 2018, Detecting and correcting for label shift; Pearson 1900 (chi-squared test).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assay.audit.chances import correct_by_holm
from assay.audit.counts import splits_of
from assay.data.data import Data
from assay.finding import Finding

LEAST, LEAST_NUMBERS, EXPECTED = 10, 30, 5.0
CHANCE = 1e-3
FAR = 0.1  # share of a split that would have to be of another class; this audit's own
FAR_OF_NUMBERS = 0.2  # as of columns
SHOWN = 12
SOURCE = "Lipton, Wang and Smola 2018, Detecting and correcting for label shift with black box predictors"


@dataclass(frozen=True)
class LabelDrift:
    """How far the labels of one split lie from those of training, its chance, and the class that differs most."""

    split: str
    n: int
    distance: float
    chance: float
    worst: str = ""


def find_label_drift(data: Data) -> list[Finding]:
    """`suspect` where labels are surely and far off, or a class is missing; a note where surely, but little."""
    targets = {name: split.targets.numpy() for name, split in splits_of(data).items() if len(split) >= LEAST}
    if "train" not in targets:
        return []
    judged = {name: values for name, values in targets.items() if name != "train"}
    if not data.specification.classes:
        drifts = [_compare_numbers(name, targets["train"], values) for name, values in judged.items()]
        return _drift_finding(drifts, FAR_OF_NUMBERS, "the target")
    classes = data.specification.classes
    counts = {name: _count(values, len(classes)) for name, values in targets.items()}
    drifts = [_compare_classes(name, counts["train"], counts[name], classes) for name in judged]
    missing = [_missing(name, counts["train"], counts[name], classes) for name in judged]
    return [*_drift_finding(drifts, FAR, "the classes"), *(found for found in missing if found is not None)]


def _count(targets: np.ndarray, classes: int) -> np.ndarray:
    """Labels that are no class are told of elsewhere."""
    return np.bincount(targets[(targets >= 0) & (targets < classes)].astype(np.int64), minlength=classes)


def _compare_classes(split: str, train: np.ndarray, other: np.ndarray, classes: tuple[str, ...]) -> LabelDrift:
    apart = other / max(1, other.sum()) - train / max(1, train.sum())
    worst = int(np.abs(apart).argmax())
    words = (
        f"{classes[worst]} {other[worst] / max(1, other.sum()):.1%} against {train[worst] / max(1, train.sum()):.1%}"
    )
    return LabelDrift(split, int(other.sum()), float(np.abs(apart).sum() / 2), chance_of_counts(train, other), words)


def chance_of_counts(first: np.ndarray, second: np.ndarray) -> float:
    """Of counts that lie so far apart, were both drawn from the same shares; 1 where there is nothing to compare."""
    from scipy.stats import chi2_contingency

    both = np.stack([first, second])[:, (first + second) > 0]
    if not both.sum(1).all():
        return 1.0
    expected = both.sum(0) * (both.sum(1) / both.sum())[:, None]
    rare = expected.min(0) < EXPECTED
    table = np.concatenate([both[:, ~rare], both[:, rare].sum(1, keepdims=True)], 1) if rare.any() else both
    table = table[:, table.sum(0) > 0]
    return float(tuple(chi2_contingency(table, correction=False))[1]) if table.shape[1] > 1 else 1.0


def _compare_numbers(split: str, train: np.ndarray, other: np.ndarray) -> LabelDrift:
    from scipy.stats import ks_2samp

    train, other = train[np.isfinite(train)], other[np.isfinite(other)]
    if min(len(train), len(other)) < LEAST_NUMBERS:
        return LabelDrift(split, len(other), 0.0, 1.0)
    distance, chance = map(float, tuple(ks_2samp(train, other, method="asymp")))
    words = f"median {np.median(other):.4g} against {np.median(train):.4g}"
    return LabelDrift(split, len(other), distance, chance, words)


def _drift_finding(drifts: list[LabelDrift], far: float, what: str) -> list[Finding]:
    corrected = correct_by_holm([drift.chance for drift in drifts])
    sure = [drift for drift, chance in zip(drifts, corrected, strict=True) if chance < CHANCE]
    if not sure:
        return []
    worst = max(sure, key=lambda drift: drift.distance)
    alarm = worst.distance >= far
    return [
        Finding(
            "label_drift",
            "suspect" if alarm else "note",
            f"In {worst.split} {what} {'lie' if what == 'the classes' else 'lies'} otherwise than in train: distance "
            f"{worst.distance:.2f}, {worst.worst} (n={worst.n:,}).",
            {"limit": far, "distances": {drift.split: drift.distance for drift in drifts},
             "chances": {drift.split: chance for drift, chance in zip(drifts, corrected, strict=True)}},
            cause="Splits were cut from examples in order, collected apart, balanced by hand, or hold few large groups."
            if alarm else "",
            fix="Split again, stratified by class and at random; if the split is meant so, weight or calibrate for "
            "its shares, and give the score class by class." if alarm else "",
            source=SOURCE,
        )
    ]  # fmt: skip


def _missing(split: str, train: np.ndarray, other: np.ndarray, classes: tuple[str, ...]) -> Finding | None:
    """Classes that a sample of this size would hold, but for a chance of one in a thousand over all classes."""
    n, absent = int(other.sum()), np.flatnonzero((other == 0) & (train > 0))
    by_chance = (1 - train[absent] / max(1, train.sum())) ** n * max(1, int((train > 0).sum()))
    names = [classes[place] for place in absent[by_chance < CHANCE].tolist()]
    if not names:
        return None
    shown = ", ".join(names[:5]) + (", …" if len(names) > 5 else "")
    return Finding(
        f"classes_missing_in_{split}",
        "suspect",
        f"{len(names)} of {len(classes)} classes have training examples and none among {n:,} of {split}: {shown}.",
        evidence={"count": len(names), "n": n, "classes": names[:SHOWN]},
        cause="The splits were cut from examples in order of class, or a folder was not copied.",
        fix=f"Split again, stratified by class: what {split} does not hold is not judged.",
        source=SOURCE,
    )
