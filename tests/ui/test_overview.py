"""Overview: what was read, findings worst first, and links to the examples they are about."""

from __future__ import annotations

import html
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from page_support import judged, make_pictures, make_workspace
from PIL import Image
from starlette.testclient import TestClient

from assay.finding import Finding, Report, Skipped
from assay.ui.app import make_app
from assay.ui.asked import Asked
from assay.ui.finding_links import find_links, link_below
from assay.ui.opening import open_subject
from assay.ui.summary import describe, summarise

TABLE = pl.DataFrame(
    {
        "id": ["a", "b", "it's"],
        "split": ["train", "train", "test"],
        "label": ["cat", "dog", "cat"],
        "duplicate_group": [1, None, 1],
        "non_finite": [0, 0, 0],
    }
)


def conditions(finding: Finding) -> list[tuple[str, int]]:
    return [(link.condition, link.count) for link in find_links(finding, TABLE)]


def test_a_finding_leads_to_the_examples_it_names_or_its_column_marks() -> None:
    named = Finding("odd", "note", "Odd.", {"ids": ["b", "it's"]})
    assert conditions(named) == [("id IN ('b', 'it''s')", 2)]
    assert conditions(Finding("duplicates", "note", "Copies.")) == [("duplicate_group IS NOT NULL", 2)]
    across = Finding("train_test_duplicates", "proved", "Shared.")
    assert conditions(across) == [("duplicate_group IN (1) AND split IN ('train', 'test')", 2)]
    assert conditions(replace(across, id="train_validation_duplicates")) == [], "no group lies in both"
    balance = Finding("class_balance", "suspect", "Few dogs.", {"smallest": "dog", "largest": "cat"})
    assert conditions(balance) == [("label = 'dog'", 1), ("label = 'cat'", 2)]


@pytest.mark.parametrize(
    "finding",
    [
        Finding("counts", "note", "3 examples.", {"n": 3}),
        Finding("near_duplicates", "note", "The table has no such column."),
        Finding("inputs_finite", "proved", "No row is such any more."),
        Finding("odd", "note", "Not of this table.", {"ids": ["z"]}),
        Finding("odd", "note", "Numbers, not names.", {"ids": [1, 2]}),
    ],
    ids=lambda finding: finding.summary,
)
def test_where_nothing_could_be_shown_there_is_no_link(finding: Finding) -> None:
    assert conditions(finding) == []
    assert link_below(TABLE)(finding) == ""


def test_a_link_says_how_many_of_all_it_shows() -> None:
    finding = Finding("odd", "note", "Odd.", {"ids": ["a", "b"], "count": 75})
    assert "Browse 2 examples of 75" in link_below(TABLE)(finding)


def test_what_was_read_is_told_by_split_and_class() -> None:
    data = make_pictures(60)
    told = summarise(data)
    assert [(size.name, size.count) for size in told.sizes] == [("train", 40), ("validation", 10), ("test", 10)]
    assert [row.name for row in told.shown] == ["cat", "dog", "horse"]
    assert [sum(row.counts) for row in told.shown] == [20, 20, 20]
    assert describe(data) == ("60 examples", "classification", "images of 8 × 8 pixels, grey", "3 classes")


def test_of_very_many_classes_the_largest_are_shown() -> None:
    data = make_pictures(300, classes=tuple(f"class {number}" for number in range(150)))
    told = summarise(data)
    assert told.more
    assert len(told.shown) == 100


def test_the_page_tells_findings_worst_first_with_links_and_what_was_skipped(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path)
    assert workspace.subject is not None
    report = Report(
        "inspect",
        (
            Finding("counts", "note", "60 examples."),
            Finding("odd_images", "suspect", "Dark ones.", {"ids": ["picture-3"]}, fix="Look."),
            Finding("overlap", "proved", "Shared.", source="Karpathy 2019"),
        ),
        (Skipped("near_duplicates", "no time"),),
    )
    workspace.subject = replace(workspace.subject, report=report)
    text = html.unescape(TestClient(make_app(workspace), base_url="http://localhost").get("/overview").text)
    assert "1 proved and 1 suspected problems in the data" in text
    places = [text.index(word) for word in ("Shared.", "Dark ones.", "60 examples.</span></summary", "no time")
              if word in text]  # fmt: skip
    assert places == sorted(places)
    assert len(places) >= 3
    assert "/browse?where=id+IN+%28%27picture-3%27%29" in text
    assert "Karpathy 2019" in text


def test_before_the_audit_the_page_says_that_it_comes(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path)
    workspace.reading = "inspecting"
    client = TestClient(make_app(workspace), base_url="http://localhost")
    assert "its findings show up here" in client.get("/overview").text
    workspace.reading, workspace.problem = "ready", "The disk is gone"
    assert "The disk is gone" in client.get("/overview").text


def test_style_and_charts_of_the_report_are_served(tmp_path: Path) -> None:
    client = TestClient(make_app(make_workspace(tmp_path)), base_url="http://localhost")
    assert ".card" in client.get("/report/findings.css").text
    assert "assayCharts" in client.get("/report/charts.js").text
    assert "plotly" in client.get("/report/plotly.js").text[:2000].lower()


def test_what_a_training_would_refuse_is_a_finding_here(tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    for name in ("cat", "dog"):
        (tmp_path / name).mkdir()
        for number in range(12):
            pixels = generator.integers(0, 256, (8, 8), dtype=np.uint8)
            Image.fromarray(pixels).save(tmp_path / name / f"{number}.png")
    (tmp_path / "cat" / "broken.png").write_bytes(b"no image")
    *_, last = open_subject(Asked(str(tmp_path), budget_seconds=5.0), None)
    assert last.report is not None
    assert "unreadable_files" in [finding.id for finding in last.report.alerts]
    assert len(last) == 24


def test_labels_that_models_flagged_are_the_first_suspicion_and_lead_to_review(tmp_path: Path) -> None:
    data = make_pictures()
    workspace = make_workspace(tmp_path, data, judged(data, 7))
    subject = workspace.subject
    assert subject is not None
    client = TestClient(make_app(workspace), base_url="http://localhost")
    report = Report(
        "inspect", (Finding("odd_images", "suspect", "Dark ones."), Finding("overlap", "proved", "Shared."))
    )
    for known in (Report("inspect"), report, None):
        workspace.subject = replace(subject, report=known)
        text = client.get("/overview").text
        assert "Nothing proved wrong" not in text
        assert "7 of 60 labels are suspicious." in text
        assert 'href="/review?queue=flagged"' in text
        if known is report:
            assert text.index("Shared.") < text.index("7 of 60 labels") < text.index("Dark ones.")
    workspace.subject = replace(subject, report=Report("inspect"), table=judged(data, 0))
    assert "Nothing proved wrong" in client.get("/overview").text


def test_conflicting_labels_lead_to_groups_whose_labels_differ_and_no_other_duplicates() -> None:
    table = pl.DataFrame({
        "row": range(6), "id": list("abcdef"), "label": ["cat", "dog", "cat", "cat", "dog", "dog"],
        "split": ["train"] * 6, "duplicate_group": [3, 3, 5, 5, None, None],
    })  # fmt: skip
    found = find_links(Finding("conflicting_labels", "proved", ""), table)
    assert [(link.condition, link.count) for link in found] == [("duplicate_group IN (3)", 2)]


def test_one_class_is_told_as_one(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path, make_pictures(12, classes=("cat",)))
    text = TestClient(make_app(workspace), base_url="http://localhost").get("/overview").text
    assert "<span>1 class</span>" in text
    assert "1 classes" not in text
