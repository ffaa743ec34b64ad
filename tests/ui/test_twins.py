"""Groups of the same: those across splits first, and which member stays."""

from __future__ import annotations

import html
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from page_support import make_pictures, make_workspace
from starlette.testclient import TestClient

from assay.finding import Report, Skipped
from assay.ui.app import make_app
from assay.ui.example_rows import list_examples
from assay.ui.subject import Subject
from assay.ui.twins import AllTwins, Twins


def twins_of(duplicates: dict[int, int], near: dict[int, int] | None = None) -> AllTwins:
    data = make_pictures(12)
    table = list_examples(data)
    columns = {"duplicate_group": duplicates} | ({} if near is None else {"near_group": near})
    for name, groups in columns.items():
        table = table.with_columns(pl.Series(name, [groups.get(row) for row in range(12)], dtype=pl.Int64))
    return AllTwins(Subject(data, table))


def test_groups_across_splits_come_first_then_those_labelled_differently_then_the_largest() -> None:
    found = twins_of({0: 1, 3: 1, 6: 1, 1: 2, 2: 2, 4: 3, 7: 3, 5: 4, 11: 4})
    assert [twins.rows for twins in found.groups] == [(5, 11), (1, 2), (0, 3, 6), (4, 7)]
    assert [twins.rows for twins in found.chosen("across")] == [(5, 11)]
    assert [twins.rows for twins in found.chosen("torn")] == [(1, 2)]


def test_a_group_that_is_equal_and_near_is_told_once() -> None:
    found = twins_of({0: 1, 3: 1}, {0: 9, 3: 9, 6: 8, 9: 8})
    assert [(twins.kind, twins.rows) for twins in found.groups] == [("nearly equal", (6, 9)), ("equal", (0, 3))]


@pytest.mark.parametrize(
    ("splits", "labels", "actions"),
    [(("train", "test"), ("a", "a"), ["drop", "keep"]), (("train", "train"), ("a", "a"), ["keep", "drop"]),
     (("validation", "train"), ("a", "a"), ["keep", "drop"]), (("train", "test"), ("a", "b"), [None, None])],
)  # fmt: skip
def test_the_member_that_judges_stays_and_nothing_is_proposed_where_labels_differ(
    splits: tuple[str, ...], labels: tuple[str, ...], actions: list[str | None]
) -> None:
    twins = Twins("equal", (3, 8), splits, labels)
    assert [twins.action(row) for row in twins.rows] == actions


def test_the_sentence_says_what_is_wrong_and_what_is_proposed() -> None:
    assert "give each the label that is right" in Twins("equal", (1, 2), ("train", "test"), ("a", "b")).sentence
    across = Twins("nearly equal", (1, 2), ("train", "test"), ("a", "a")).sentence
    assert "lie in test and train" in across
    assert "keep the one in test, drop the copy" in across
    assert "keep the first" in Twins("equal", (1, 2), ("train", "train"), ("a", "a")).sentence


def empty_page(tmp_path: Path, report: Report | None, **columns: list[int | None]) -> str:
    data = make_pictures(12)
    table = list_examples(data).with_columns(pl.Series(name, cells, dtype=pl.Int64) for name, cells in columns.items())
    workspace = make_workspace(tmp_path, data, table)
    assert workspace.subject is not None
    workspace.subject = replace(workspace.subject, report=report)
    return html.unescape(TestClient(make_app(workspace), base_url="http://localhost").get("/duplicates").text)


def test_an_empty_page_tells_what_was_looked_for_and_why_not_more(tmp_path: Path) -> None:
    none: list[int | None] = [None] * 12
    report = Report("inspect", (), (Skipped("near_duplicates", "2 were left; give a larger budget"),))
    text = empty_page(tmp_path, report, duplicate_group=none)
    assert "No equal examples; near duplicates were not looked for" in text
    assert "2 were left; give a larger budget." in text
    text = empty_page(tmp_path, report, duplicate_group=none, near_group=none)
    assert "No two examples are equal or nearly equal" in text
    assert "not looked for" not in text
    assert "<p>The audit does not tell why.</p>" in empty_page(tmp_path, None, duplicate_group=none)
