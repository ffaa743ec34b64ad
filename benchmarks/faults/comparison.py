"""Every checker beside the others on the same programs: what it catches, its false alarms, and where it cannot run.

For each checker two readings: its alerts, and its alerts and warnings together. Recall counts a program that it cannot
run on as missed; false alarms are counted among the healthy programs that it ran on.
"""

from __future__ import annotations

import statistics
from collections import Counter
from typing import Any

from faults.scores import Row, names_cause, share

READINGS = ("alerts", "with warnings")
COLUMNS = ("checker", "right cause", "any alert", "healthy with an alert", "could not run", "median")


def with_warnings(row: Row) -> Row:
    """The row as if each warning were an alert."""
    return {**row, "alerts": [*row["alerts"], *row.get("warnings", [])]}


def compare(rows: list[Row]) -> dict[str, Any]:
    """The figures of one checker in both readings."""
    read = {"alerts": rows, "with warnings": [with_warnings(row) for row in rows]}
    refused = Counter(reason(row) for row in rows if row["status"] != "done")
    seconds = [row["seconds"] for row in rows if row["status"] == "done"]
    return {
        **{reading: outcomes(read[reading]) for reading in READINGS},
        "could_not_run": share(sum(refused.values()), len(rows)), "why": dict(refused.most_common(20)),
        "median_seconds": statistics.median(seconds) if seconds else None,
        "not_made": dict(Counter(name for row in rows for name in row.get("not_checked", {})).most_common()),
    }  # fmt: skip


def outcomes(rows: list[Row]) -> dict[str, Any]:
    """Recall over all faulty programs and over those it ran on, and false alarms where it ran."""
    faulty, ran = [row for row in rows if row["causes"]], [row for row in rows if row["status"] == "done"]
    healthy, reached = [row for row in ran if not row["causes"]], [row for row in ran if row["causes"]]
    false_alarms = Counter(alert["words"].split(":")[0] for row in healthy for alert in row["alerts"])
    return {
        "right_cause_recall": share(sum(map(names_cause, faulty)), len(faulty)),
        "any_alert_recall": share(sum(bool(row["alerts"]) for row in faulty), len(faulty)),
        "right_cause_recall_where_it_ran": share(sum(map(names_cause, reached)), len(reached)),
        "healthy_with_an_alert": share(sum(bool(row["alerts"]) for row in healthy), len(healthy)),
        "false_alarms_by_message": dict(false_alarms.most_common(20)),
    }


def reason(row: Row) -> str:
    """Why there is no judgement, without what differs from program to program."""
    return f"{row['status']}: {row.get('error', '')[:100]}".rstrip(": ")


def table(figures: dict[str, dict[str, Any]]) -> list[str]:
    """Lines in Markdown, a checker and a reading each; warnings only where there are other figures for them."""
    lines = [f"| {' | '.join(COLUMNS)} |", "|" + "---|" * len(COLUMNS)]
    for name, found in figures.items():
        differ = found["alerts"] != found["with warnings"]
        for reading in READINGS if differ else READINGS[:1]:
            read = found[reading]
            cells = [f"{name}, {reading}" if differ else name, written(read["right_cause_recall"]),
                     written(read["any_alert_recall"]), written(read["healthy_with_an_alert"])]  # fmt: skip
            refused, seconds = found["could_not_run"], found["median_seconds"]
            cells += [f"{refused['hits']} of {refused['n']}", "-" if seconds is None else f"{seconds:.2f} s"]
            lines.append(f"| {' | '.join(cells)} |")
    return lines


def written(part: dict[str, Any]) -> str:
    """A share with its interval and n."""
    if not part["n"]:
        return "n = 0"
    low, high = part["interval"]
    return f"{part['share']:.3f} [{low:.3f}, {high:.3f}], {part['hits']} of {part['n']}"
