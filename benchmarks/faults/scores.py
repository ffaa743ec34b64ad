"""From judged programs to figures: recall, false alarms with exact intervals, seconds, and a table by fault."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from scipy.stats import binomtest

Row = dict[str, Any]


def share(hits: int, n: int) -> dict[str, Any]:
    """A share with its exact (Clopper-Pearson) 95 % interval."""
    if n == 0:
        return {"share": None, "hits": 0, "n": 0, "interval": None}
    interval = binomtest(hits, n).proportion_ci(0.95, method="exact")
    return {"share": hits / n, "hits": hits, "n": n, "interval": [interval.low, interval.high]}


def names_cause(row: Row) -> bool:
    """Whether one of the alerts means a right cause."""
    return any(set(alert["ids"]) & set(row["causes"]) for alert in row["alerts"])


def score(rows: Iterable[Row]) -> dict[str, Any]:
    """All figures of one checker."""
    rows = list(rows)
    faulty, healthy = [row for row in rows if row["causes"]], [row for row in rows if not row["causes"]]
    seconds = [row["seconds"] for row in rows]
    false_alarms = Counter(identity for row in healthy for identity in {i for a in row["alerts"] for i in a["ids"]})
    return {
        "right_cause_recall": share(sum(map(names_cause, faulty)), len(faulty)),
        "any_alert_recall": share(sum(bool(row["alerts"]) for row in faulty), len(faulty)),
        "healthy_with_an_alert": share(sum(bool(row["alerts"]) for row in healthy), len(healthy)),
        "not_finished": Counter(f"{'faulty' if row['causes'] else 'healthy'}: {row['status']}" for row in rows
                                if row["status"] != "done"),
        "median_seconds": statistics.median(seconds) if seconds else None,
        "largest_seconds": max(seconds, default=None),
        "largest_peak_mebibytes": max((row["peak_bytes"] for row in rows), default=0) / 2**20,
        "programs_changed": share(sum(bool(row.get("changed")) for row in rows), len(rows)),
        "false_alarms_by_check": dict(false_alarms.most_common()),
        "by_fault": by_fault(faulty), "by_domain": by_domain(rows),
    }  # fmt: skip


def by_fault(faulty: list[Row]) -> dict[str, Any]:
    """For each fault: how often caught, by which alerts, and what would have been right."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in faulty:
        groups[row["name"]].append(row)
    return {
        name: {
            "right": sum(map(names_cause, group)), "any": sum(bool(row["alerts"]) for row in group), "n": len(group),
            "said": dict(Counter(i for row in group for i in {i for a in row["alerts"] for i in a["ids"]})),
            "right_causes": group[0]["causes"], "fault": group[0]["fault"],
        }
        for name, group in sorted(groups.items())
    }  # fmt: skip


def by_domain(rows: list[Row]) -> dict[str, Any]:
    """Recall and false alarms within each domain."""
    found = {}
    for domain in sorted({row["domain"] for row in rows}):
        here = [row for row in rows if row["domain"] == domain]
        sick, well = [row for row in here if row["causes"]], [row for row in here if not row["causes"]]
        found[domain] = {
            "right_cause_recall": share(sum(map(names_cause, sick)), len(sick)),
            "healthy_with_an_alert": share(sum(bool(row["alerts"]) for row in well), len(well)),
        }
    return found
