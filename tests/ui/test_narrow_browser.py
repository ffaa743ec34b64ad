"""Narrow windows: labels stand whole, texts are not cut off, and of every part there is something to see."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from page_support import judged, make_pictures, make_workspace, served

from assay.data.open import open_data
from assay.ui.example_rows import add_features, list_examples
from assay.ui.workspace import Workspace

pytestmark = [pytest.mark.browser]
expect = pytest.importorskip("playwright.sync_api").expect

CUT = """(chosen) => [...document.querySelectorAll(chosen)].filter((one) => one.scrollWidth > one.clientWidth + 1)
    .map((one) => one.textContent)"""
OUTSIDE = """(chosen) => [...document.querySelectorAll(chosen)].map((one) => one.getBoundingClientRect())
    .filter((box) => box.width && (box.left < 0 || box.right > innerWidth)).length"""


def texts(folder: Path) -> Workspace:
    path = folder / "texts.csv"
    long = "and so they walked along the river " * 12
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(
            [["said", "mood"], *([f"On day {n} {long}", ("neg", "pos")[n % 2]] for n in range(60))]
        )
    data = open_data(path, target="mood", tolerant=True)
    table, features = add_features(list_examples(data), data)
    groups = pl.Series("duplicate_group", [1, 1, 1, 1] + [None] * 56, dtype=pl.Int64)
    workspace = make_workspace(folder, data, table.with_columns(groups))
    assert workspace.subject is not None
    workspace.subject = replace(workspace.subject, features=features)
    return workspace


@pytest.mark.parametrize("width", [1280, 1000, 760, 390])
def test_short_labels_stand_whole(visit, tmp_path: Path, width: int) -> None:
    with served(texts(tmp_path)) as address:
        for path in ("/browse", "/duplicates"):
            page = visit(address + path, width=width)
            if path == "/browse":
                expect(page.locator(".cell").first).to_be_visible()
                page.keyboard.press("j")
            expect(page.locator(".decide .label")).to_have_text(["0neg", "1pos"])
            assert page.evaluate(CUT, ".decide .label span, .few b") == []


@pytest.mark.parametrize("path", ["/overview", "/browse", "/review", "/duplicates", "/human", "/human/quiz"])
def test_nothing_lies_outside_a_window_as_narrow_as_a_telephone(visit, tmp_path: Path, path: str) -> None:
    with served(texts(tmp_path)) as address:
        page = visit(f"{address}/human", width=390, height=844)
        page.keyboard.press("Enter")
        page.wait_for_url("**/human/quiz")
        page.goto(address + path)
        if path == "/browse":
            expect(page.locator(".cell").first).to_be_visible()
            page.keyboard.press("j")
            expect(page.locator("#panel .written")).to_be_visible()
            assert page.evaluate("document.querySelector('.scroller').clientHeight") > 200
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert page.evaluate("document.querySelector('main').scrollWidth") <= 390
        assert page.evaluate(OUTSIDE, "header *, h1, .written, .scroll, .decide button, .member, .answers button") == 0


def test_without_groups_the_page_of_duplicates_has_the_whole_width(visit, tmp_path: Path) -> None:
    data = make_pictures()
    with served(make_workspace(tmp_path, data, judged(data))) as address:
        page = visit(f"{address}/duplicates", width=390)
        assert page.evaluate("document.querySelector('#twins').getBoundingClientRect().width") > 380
