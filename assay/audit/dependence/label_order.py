"""The order of labels: do equal ones follow one another more often than in a random order?

    runs = stretches of equal labels; expected in a random order: n + 1 - sum of squares of class counts / n

That is normal for files that were written class after class, and harmless where splits and batches are drawn at
random, as they are here: a note. It is at once a fault where someone cuts splits or batches by order.

Source: Schuster and Gu 1997, On the conditional and unconditional distributions of the number of runs in a sample from
a multisymbol alphabet (variance of the number of runs); Wald and Wolfowitz 1940.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from jaxtyping import Int

from assay.audit.dependence.series import find_neighbours
from assay.audit.scan import Scan
from assay.data.data import Data
from assay.finding import Finding

LEAST, MOST = 100, 200_000
FAR = 6.0  # deviations
TOLD = 0.1  # of the runs expected that are missing, from which it is told
SOURCE = "Wald and Wolfowitz 1940, On a test whether two samples are from the same population (runs)"


def describe_label_order(data: Data, scans: Mapping[str, Scan]) -> list[Finding]:
    """A note where classes do not follow one another at random in the source; nothing of class folders."""
    if data.specification.task != "classification":
        return []
    ids = [scan.id_of(place) for scan in scans.values() for place in range(len(scan))]
    if len(ids) > MOST or "/" in ids[0]:
        return []
    labels = np.concatenate([scan.targets.numpy() for scan in scans.values()])
    pairs = find_neighbours(ids)
    if len(pairs) < LEAST:
        return []
    begins = np.flatnonzero(~np.isin(pairs[:, 0], pairs[:, 1]))
    series = [labels[np.append(part[:, 0], part[-1:, 1])] for part in np.split(pairs, begins[1:]) if len(part)]
    counted = np.array([count_runs(one) for one in series]).sum(0)
    runs, expected, variance = counted.tolist()
    if variance <= 0 or expected - runs < max(FAR * math.sqrt(variance), TOLD * expected):
        return []
    is_sorted = runs == sum(len(np.unique(one)) for one in series)
    how = "sorted by class" if is_sorted else "in stretches"
    return [
        Finding(
            "label_order",
            "note",
            f"In the source's order labels do not follow at random but {how}: {runs:,.0f} stretches of equal labels, "
            f"{expected:,.0f} expected (n={len(labels):,}). Assay's splits and batches are drawn at random.",
            {"n": len(labels), "runs": runs, "expected": expected, "is_sorted": is_sorted},
            fix="Never cut splits, folds or batches from this source by order; shuffle it first.",
            source=SOURCE,
        )
    ]  # fmt: skip


def count_runs(labels: Int[np.ndarray, " n"]) -> tuple[float, float, float]:
    """Runs that there are, their expectation in a random order of these labels, and its variance."""
    n = len(labels)
    if n < 2:
        return float(n), float(n), 0.0
    counts = np.unique(labels, return_counts=True)[1].astype(np.float64)
    squares, cubes = float((counts**2).sum()), float((counts**3).sum())
    expected = n + 1 - squares / n
    variance = (squares * (squares + n * (n + 1)) - 2 * n * cubes - n**3) / (n**2 * (n - 1))
    return float(1 + np.count_nonzero(labels[1:] != labels[:-1])), expected, max(0.0, variance)
