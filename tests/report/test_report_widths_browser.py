"""Reports in narrow and wide windows: names keep apart from each other and from numbers, tables show what they hold."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from one_figure_page import page_with

from assay.figure import Lines, Matrix, Series, Table
from assay.report.figures import draw
from assay.report.page import write_html
from assay.report.story import Baseline, RunStory

pytest.importorskip("playwright.sync_api")
PATIENCE_MILLISECONDS = 60_000
CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
EFFECTS = Table(
    "Every effect",
    ("trick", "verdict", "effect", "95 % interval", "seeds", "p", "p of the family", "chance it helps", "seen from",
     "time", "memory"),
    tuple((f"LabelSmoothing() and trick {row}()", "no measurable effect", "+2.08", "+1.17 to +3.00", "3", "0.0095",
           "0.12", "99.5%", "12.50", "1.06x", "1.00x") for row in range(10)),
)  # fmt: skip


@pytest.mark.browser
def test_a_table_of_effects_shows_all_its_rows_and_columns(browser, story: RunStory, tmp_path: Path) -> None:
    page = page_with(browser, story, EFFECTS, tmp_path, 1280)
    box = page.locator(".scroll").first
    assert box.evaluate("one => one.scrollHeight - one.clientHeight") <= 1
    assert box.evaluate("one => one.scrollWidth - one.clientWidth") <= 1
    page.close()


@pytest.mark.browser
def test_a_very_long_table_slides_in_its_box(browser, story: RunStory, tmp_path: Path) -> None:
    page = page_with(browser, story, replace(EFFECTS, rows=EFFECTS.rows * 6), tmp_path, 1280)
    assert page.locator(".scroll").first.evaluate("one => one.clientHeight") <= 440
    page.close()


@pytest.mark.browser
def test_names_of_scores_keep_apart_from_their_numbers_in_a_narrow_window(
    browser, story: RunStory, tmp_path: Path
) -> None:  # fmt: skip
    baselines = (
        Baseline("nearest_neighbours", 0.98611, 0.965, 0.995, 288),
        Baseline("logistic_regression", 0.9, 0.8, 1, 288),
    )
    page = browser.new_page(viewport={"width": 390, "height": 900})
    page.goto(write_html(replace(story, baselines=baselines), tmp_path / "report.html").as_uri())
    rows = page.locator(".strip.scores tbody tr")
    assert rows.count() >= 2
    for row in rows.all():
        name = row.locator("th").evaluate(
            "one => { const range = document.createRange(); range.selectNodeContents(one); "
            "return range.getBoundingClientRect().right; }"
        )
        assert name <= row.locator("td.number").first.bounding_box()["x"] + 1
    page.close()


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1280])
def test_names_beside_many_lines_do_not_lie_on_each_other(
    browser, width: int, story: RunStory, tmp_path: Path
) -> None:  # fmt: skip
    figure = Lines("t", "x", "y", tuple(Series(f"{name} | EMA()", (0.0, 1.0), (1.0, 0.5)) for name in CLASSES))
    page = page_with(browser, story, figure, tmp_path, width)
    page.wait_for_selector(".figure.lines .plot.drawn", timeout=PATIENCE_MILLISECONDS)
    boxes = [one.bounding_box() for one in page.locator(".figure.lines .annotation-text").all()]
    assert len(boxes) == len(CLASSES)
    ordered = sorted((box["y"], box["y"] + box["height"]) for box in boxes)
    assert all(below[0] >= above[1] - 1 for above, below in pairwise(ordered))
    page.close()


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1280])
def test_every_column_of_a_map_has_its_name_inside_the_chart(
    browser, width: int, story: RunStory, tmp_path: Path
) -> None:  # fmt: skip
    figure = Matrix("t", tuple(tuple(1.0 for _ in CLASSES) for _ in CLASSES), CLASSES, CLASSES, "label", "the person")
    page = page_with(browser, story, figure, tmp_path, width)
    page.wait_for_selector(".figure.matrix .plot.drawn", timeout=PATIENCE_MILLISECONDS)
    labels = page.locator(".figure.matrix .xtick text")
    assert labels.all_text_contents() == list(CLASSES)
    chart = page.locator(".figure.matrix .plot").bounding_box()
    boxes = [one.bounding_box() for one in labels.all()]
    assert all(box["x"] + box["width"] <= chart["x"] + chart["width"] + 1 for box in boxes)
    assert [one.evaluate("one => one.style.opacity") for one in labels.all()].count("0") == 0
    page.close()


def test_names_of_columns_are_slanted_where_level_they_would_touch() -> None:
    def angle(names: tuple[str, ...]) -> int:
        drawing = draw(Matrix("t", ((1.0,) * len(names),) * len(names), names, names))
        assert isinstance(drawing, dict)
        return drawing["layout"]["xaxis"]["tickangle"]

    assert angle(CLASSES) == -45
    assert angle(("0", "1", "10")) == 0
