"""Checkers beside one another: warnings apart, refusals counted as misses and never as quiet healthy programs."""

from __future__ import annotations

from typing import Any

from faults.comparison import compare, table, with_warnings


def row(causes: list[str], alerts: list[str], warnings: list[str] | None = None, **more: Any) -> dict[str, Any]:
    def said(ids: list[str]) -> list[dict[str, Any]]:
        return [{"words": f"{identity}: words", "ids": [identity], "level": ""} for identity in ids]

    return {"causes": causes, "alerts": said(alerts), "warnings": said(warnings or []), "status": "done",
            "seconds": 2.0, **more}  # fmt: skip


ROWS = [
    row(["dead_units"], ["dead_units"]),
    row(["dead_units"], ["learning_rate"]),
    row(["learning_rate"], [], ["learning_rate"]),
    row(["dead_units"], [], status="raised", error="TypeError: dict", seconds=50.0),
    row([], []),
    row([], [], ["dead_units"], not_checked={"gpu": "none here"}),
    row([], [], status="raised", error="TypeError: dict", seconds=50.0),
]


def test_a_warning_counts_only_where_warnings_are_read():
    figures = compare(ROWS)
    alerts, both = figures["alerts"], figures["with warnings"]
    assert (alerts["right_cause_recall"]["hits"], both["right_cause_recall"]["hits"]) == (1, 2)
    assert (alerts["any_alert_recall"]["hits"], both["any_alert_recall"]["hits"]) == (2, 3)
    assert (alerts["healthy_with_an_alert"]["hits"], both["healthy_with_an_alert"]["hits"]) == (0, 1)
    assert both["false_alarms_by_message"] == {"dead_units": 1}


def test_what_it_cannot_run_on_is_missed_but_not_quiet():
    figures = compare(ROWS)
    assert figures["alerts"]["right_cause_recall"]["n"] == 4
    assert figures["alerts"]["right_cause_recall_where_it_ran"]["n"] == 3
    assert figures["alerts"]["healthy_with_an_alert"]["n"] == 2
    assert (figures["could_not_run"]["hits"], figures["could_not_run"]["n"]) == (2, 7)
    assert figures["why"] == {"raised: TypeError: dict": 2}
    assert figures["median_seconds"] == 2.0
    assert figures["not_made"] == {"gpu": 1}


def test_rows_written_before_there_were_warnings_are_read():
    old = {key: value for key, value in ROWS[0].items() if key != "warnings"}
    assert with_warnings(old)["alerts"] == ROWS[0]["alerts"]


def test_the_table_has_intervals_and_a_second_line_where_warnings_differ():
    lines = table({"ours": compare([ROWS[0], ROWS[4]]), "theirs": compare(ROWS)})
    assert len(lines) == 5
    assert lines[2].startswith("| ours | 1.000 [0.025, 1.000], 1 of 1 |")
    assert [line.split("|")[1].strip() for line in lines[3:]] == ["theirs, alerts", "theirs, with warnings"]
    assert "| 2 of 7 | 2.00 s |" in lines[3]


def test_nothing_judged_has_no_share():
    figures = compare([])
    assert figures["median_seconds"] is None
    assert figures["could_not_run"]["share"] is None
    assert table({"ours": figures})[2] == ("| ours | n = 0 | n = 0 | n = 0 | 0 of 0 | - |")
