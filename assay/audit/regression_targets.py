"""Regression targets: their range and shape, and whether there is anything to predict."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import torch

from assay.audit.counts import splits_of
from assay.data.data import Data
from assay.figure import Bars
from assay.finding import Finding

MOST_BINS = 30


def describe_targets(data: Data) -> list[Finding]:
    """A note with a histogram; `suspect` when the training targets are constant; `proved` when not finite."""
    if data.specification.task != "regression" or len(data.train) == 0:
        return []
    targets = data.train.targets.double()
    finite = targets[targets.isfinite()]
    findings = _check_finite(data)
    if len(finite) == 0:
        return findings
    low, high = float(finite.min()), float(finite.max())
    mean, std, middle = float(finite.mean()), float(finite.std(correction=0)), float(finite.median())
    n = len(finite)
    described = Finding(
        "targets",
        "note",
        f"Targets lie in {low:.4g} to {high:.4g}, mean {mean:.4g}, deviation {std:.4g}, median {middle:.4g} (n={n:,}).",
        evidence={"n": n, "low": low, "high": high, "mean": mean, "std": std, "median": middle},
        figures=(_histogram(finite.numpy()),),
    )
    constant = Finding(
        "constant_target",
        "suspect",
        f"All {n:,} training targets are {low:.6g}: there is nothing to predict.",
        evidence={"n": n, "value": low},
        cause="The wrong column was taken as the target, or the source was filtered by it.",
        fix="Name the target column, and check the query or file that made the data.",
        source="the definition of r2: its denominator is the spread of the targets",
    )
    return [*findings, described, *([constant] if low == high else [])]


def _check_finite(data: Data) -> list[Finding]:
    bad = [
        split.ids[index]
        for split in splits_of(data).values()
        for index in torch.isfinite(split.targets).logical_not().nonzero().flatten().tolist()
    ]
    if not bad:
        return []
    return [
        Finding(
            "targets_finite",
            "proved",
            f"{len(bad):,} target(s) are nan or infinite: {', '.join(bad[:3])}.",
            evidence={"count": len(bad), "ids": bad[:20]},
            cause="A missing value, or a division by zero or logarithm of zero on the way.",
            fix="Remove these examples or mend their targets; one of them turns every weight into nan.",
            source="the definition of the squared error",
        )
    ]


def _histogram(values: np.ndarray) -> Bars:
    # Rice's rule 2 n^(1/3): equal bins, enough to see two humps, few enough to read.
    bins = int(np.clip(2 * len(values) ** (1 / 3), 1, MOST_BINS))
    heights, edges = np.histogram(values, bins=bins)
    middles = tuple(f"{(left + right) / 2:.3g}" for left, right in pairwise(edges))
    return Bars("Training targets, by the middle of each bin", middles, tuple(map(float, heights)), "examples")
