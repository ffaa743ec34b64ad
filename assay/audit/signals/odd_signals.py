"""Signals unlike the others: another level, or much stronger or weaker.

    odd: mean or deviation lies beyond the outer fences, Q1 - 3 (Q3 - Q1) or Q3 + 3 (Q3 - Q1)

Deviations are compared as logarithms.

Source: Tukey 1977, Exploratory Data Analysis, section 2 (outer fences).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from assay.audit.fences import above_fence, beyond_fences, farthest_first
from assay.audit.signals.kind import is_signal
from assay.audit.texts.tokens import find_padding
from assay.data.data import Data
from assay.finding import Finding

if TYPE_CHECKING:
    import polars as pl

LEAST, NAMED = 20, 20
LEAST_SPREAD = 0.05
"""Of logarithms, and of means as a share of the median deviation: below it all are alike, and a trifle would be far."""
KINDS = {
    "offset_signals": ("mean", "around another level than"),
    "loud_signals": ("deviation", "much stronger than"),
    "faint_signals": ("deviation", "much weaker than"),
}


def find_odd_signals(data: Data, table: pl.DataFrame) -> list[Finding]:
    """Notes on signals whose mean or deviation lies far from that of the others."""
    if not is_signal(data.specification) or len(table) < LEAST or find_padding(data) is not None:
        return []
    mean, deviation = (table[name].to_numpy() for name in ("mean", "deviation"))
    usable = (deviation > 0) & (table["non_finite"].to_numpy() == 0)
    if usable.sum() < LEAST:
        return []
    strength = np.log(np.where(usable, deviation, 1.0))
    level = mean / np.median(deviation[usable])
    beyond = {
        "offset_signals": beyond_fences(level, usable, least_spread=LEAST_SPREAD),
        "loud_signals": above_fence(strength, usable, least_spread=LEAST_SPREAD),
        "faint_signals": above_fence(-strength, usable, least_spread=LEAST_SPREAD),
    }
    return [_odd(table, name, far) for name, far in beyond.items() if (far > 0).any()]


def _odd(table: pl.DataFrame, name: str, far: np.ndarray) -> Finding:
    column, words = KINDS[name]
    rows = farthest_first(far)
    values, ids = table[column].to_numpy(), table["id"].gather(rows[:NAMED].tolist()).to_list()
    low, high = np.quantile(values, [0.25, 0.75])
    return Finding(
        name,
        "note",
        f"{len(rows):,} of {len(table):,} signals are {words} the others: {column} {values[rows].min():.4g} to "
        f"{values[rows].max():.4g}, of half of all {low:.4g} to {high:.4g}: {', '.join(ids[:3])}.",
        {"count": len(rows), "n": len(table), "ids": ids},
        cause="Another sensor, gain or zero; a broken recording; or rare but right.",
        fix="Look at these signals, worst first: do they still show what their label says? If level or strength tell "
        "nothing, scale each example by its own.",
        source="Tukey 1977, Exploratory Data Analysis, section 2",
    )
