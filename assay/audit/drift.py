"""Drift: columns whose values are distributed otherwise in validation or test than in training.

    distance = largest difference of the two distribution functions (Kolmogorov-Smirnov), of the worst of its features

The chance of each distance under one distribution is corrected over all columns and splits by Holm's method. Inputs
alone are compared; no label of test is read. Examples are taken for independent: groups that stay in one split
(--group) drift by chance the more, the fewer there are.

Source: Rabanser, Guenemann and Lipton 2019, Failing loudly (univariate tests with a correction for many).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from assay.audit.chances import correct_by_holm
from assay.audit.columns import columns_of, left_out, sample_rows
from assay.audit.scan import Scan
from assay.data.data import Data
from assay.figure import Table
from assay.finding import Finding

MOST_EXAMPLES, LEAST = 5_000, 30
CHANCE = 1e-3
FAR = 0.2  # distance from which it is an alert; this audit's own
SHOWN = 12
SOURCE = "Rabanser, Guenemann and Lipton 2019, Failing loudly: detecting dataset shift"


@dataclass(frozen=True)
class Drift:
    """How far one column of a split lies from training, and its chance under one distribution, corrected by Holm."""

    column: str
    split: str
    distance: float
    chance: float
    medians: tuple[float, float]


def find_drift(data: Data, scans: Mapping[str, Scan]) -> list[Finding]:
    """`suspect` where a column is surely and far off; a note where it is surely, but little."""
    usable = {name: sample_rows(scan.non_finite.numpy() == 0, MOST_EXAMPLES) for name, scan in scans.items()}
    rows = {name: kept for name, kept in usable.items() if len(kept) >= LEAST}
    if "train" not in rows or len(rows) < 2:
        return []
    compared = [
        _compare(name, split, parts["train"], parts[split])
        for name, parts in columns_of(data, scans, rows) if np.ptp(parts["train"], axis=0).any()
        for split in rows if split != "train"
    ]  # fmt: skip
    # A column that is constant in training is told of elsewhere.
    drifts = [drift for drift in correct_all(compared) if drift.chance < CHANCE]
    return [_finding(data, sorted(drifts, key=lambda drift: -drift.distance), len(compared))] if drifts else []


def _compare(column: str, split: str, train: np.ndarray, other: np.ndarray) -> Drift:
    from scipy.stats import ks_2samp

    tests = [tuple(ks_2samp(train[:, place], other[:, place], method="asymp")) for place in range(train.shape[1])]
    worst = max(range(len(tests)), key=lambda place: tests[place][0])
    distance, chance = tests[worst]
    medians = float(np.median(train[:, worst])), float(np.median(other[:, worst]))
    return Drift(column, split, float(distance), min(1.0, len(tests) * float(chance)), medians)


def correct_all(drifts: list[Drift]) -> list[Drift]:
    """Chances corrected for how many were compared."""
    corrected = correct_by_holm([drift.chance for drift in drifts]).tolist()
    return [replace(drift, chance=chance) for drift, chance in zip(drifts, corrected, strict=True)]


def _finding(data: Data, drifts: list[Drift], compared: int) -> Finding:
    far, worst = [drift for drift in drifts if drift.distance >= FAR], drifts[0]
    rows = tuple(
        (one.column, one.split, f"{one.distance:.2f}", f"{one.chance:.1g}", *(f"{value:.4g}" for value in one.medians))
        for one in drifts[:SHOWN]
    )
    head = ("column", "split", "distance", "chance", "median in train", "median there")
    return Finding(
        "drift",
        "suspect" if far else "note",
        f"{worst.column} is distributed otherwise in {worst.split} than in train: distance {worst.distance:.2f}, "
        f"median {worst.medians[1]:.4g} against {worst.medians[0]:.4g} ({len(drifts)} of {compared} comparisons have "
        f"a chance below {CHANCE:g}){left_out(data)}.",
        {"compared": compared, "drifts": {f"{one.column} in {one.split}": one.distance for one in drifts[:SHOWN]}},
        cause="The splits were collected apart, one was prepared otherwise (units, scaling, missing values), or each "
        "holds a few large groups of its own.",
        fix="Prepare all splits by one function; else split again at random, or expect lower scores where it drifts.",
        source=SOURCE,
        figures=(Table("Columns that drift", head, rows),),
    )
