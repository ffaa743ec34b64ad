"""Tables and strips in a real browser: no column is hidden, names stay in sight, ticks keep apart, pictures load."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from one_figure_page import page_with

from assay.figure import Images, Interval, Lines, Passage, Series, Shares, Table, encode_png
from assay.report.page import write_html
from assay.report.story import RunStory, TrickRow

pytestmark = [pytest.mark.browser]
pytest.importorskip("playwright.sync_api")

STUDY = Table(
    "Every effect",
    ("trick", "verdict", "effect", "95 % interval", "seeds", "p alone", "p adjusted", "chance it helps", "seen from",
     "seconds a step", "epochs, with it / without", "peak memory", "operations"),
    (
        ("LabelSmoothing() and EMA(decay=0.99)", "no measurable effect", "-12.08", "-21.17 to +13.00", "12", "0.0095",
         "0.057", "99.5%", "clear alone, not among so many", "", "1.87 / 2", "", ""),
        ("EMA(decay=0.99)", "no measurable effect", "+0.35", "-1.15 to +1.84", "3", "0.42", "1", "78.9%", "1.81",
         "1.45x (1.2 to 1.63)", "1.37 / 2", "1.10x", "1.00x"),
    ),
)  # fmt: skip


@pytest.mark.parametrize("width", [1265, 1440])
def test_a_study_shows_every_column(browser, width: int, story: RunStory, tmp_path: Path):
    page = page_with(browser, story, STUDY, tmp_path, width)
    box = page.locator(".scroll").first
    assert box.evaluate("one => one.scrollWidth - one.clientWidth") <= 1
    page.close()


def test_names_of_rows_stay_in_sight_while_a_table_slides(browser, story: RunStory, tmp_path: Path):
    page = page_with(browser, story, STUDY, tmp_path, 390)
    box = page.locator(".scroll").first
    box.evaluate("one => { one.scrollLeft = 300; }")
    assert box.evaluate("one => one.scrollLeft") > 200
    name, edge = page.locator(".scroll tbody td").first.bounding_box(), box.bounding_box()
    assert abs(name["x"] - edge["x"]) <= 1
    assert name["width"] <= 0.5 * edge["width"]
    page.close()


@pytest.mark.parametrize("width", [768, 1050, 1150, 1280])
def test_intervals_of_effects_have_room_to_be_read(browser, width: int, story: RunStory, tmp_path: Path):
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(write_html(story, tmp_path / "report.html").as_uri())
    assert page.locator(".strip.effects tbody .lane").first.bounding_box()["width"] >= 150
    page.close()


@pytest.mark.parametrize("width", [390, 768, 1050, 1150, 1280])
def test_ticks_of_a_strip_keep_apart(browser, width: int, story: RunStory, tmp_path: Path):
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(write_html(story, tmp_path / "report.html").as_uri())
    for strip in ("scores", "effects"):
        boxes = [one.bounding_box() for one in page.locator(f".strip.{strip} .axis i").all() if one.is_visible()]
        assert len(boxes) >= 2
        assert all(after["x"] >= before["x"] + before["width"] + 2 for before, after in pairwise(boxes))
    page.close()


def test_pictures_are_there_without_a_scroll_to_them(browser, story: RunStory, tmp_path: Path):
    page = browser.new_page(viewport={"width": 1280, "height": 300})
    page.goto(write_html(story, tmp_path / "report.html").as_uri())
    page.wait_for_timeout(300)
    missing = "[...document.images].filter((one) => one.offsetParent && !one.naturalWidth).length"
    assert page.locator("img").count() > 20
    assert page.evaluate(missing) == 0
    page.close()


def test_long_code_in_a_cell_breaks_in_a_narrow_window(browser, story: RunStory, tmp_path: Path):
    command = "`assay verify digits --recipe recipe.toml --out assay-runs/a-folder-of-a-long-name-verify` measures it"
    table = Table("path", ("question", "measured", "answer"), (("Is it right?", command, "unknown"),) * 4)
    page = page_with(browser, story, table, tmp_path, 390)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.close()


def test_a_legend_of_many_lines_leaves_room_for_them_on_a_telephone(browser, story: RunStory, tmp_path: Path):
    lines = Lines("t", "x", "y", tuple(Series(f"stage{n}.0.weight", (0.0, 1.0), (n, 1.0)) for n in range(6)))
    page = page_with(browser, story, lines, tmp_path, 390)
    page.wait_for_selector(".figure.lines .plot.drawn", timeout=60_000)
    assert page.locator(".figure.lines .nsewdrag").bounding_box()["height"] >= 150
    page.close()


def test_names_beside_lines_fit_a_telephone(browser, story: RunStory, tmp_path: Path):
    names = ("baseline", "LabelSmoothing()", "Mixup()", "EMA(decay=0.99)", "OneCycle()", "Crop(padding=1)", "Flip()")
    lines = Lines("t", "x", "y", tuple(Series(name, (0.0, 1.0), (1.0, n)) for n, name in enumerate(names)))
    page = page_with(browser, story, lines, tmp_path, 390)
    assert page.locator(".sideways").first.evaluate("one => one.scrollWidth - one.clientWidth") <= 1
    page.close()


@pytest.mark.parametrize("width", [390, 768, 1280])
def test_names_of_pictures_are_not_broken(browser, width: int, story: RunStory, tmp_path: Path):
    picture = encode_png(torch.rand(1, 8, 8, generator=torch.Generator().manual_seed(0)))
    page = page_with(browser, story, Images("t", (picture,) * 40, ("0: digits/1615",) * 40), tmp_path, width)
    caption = page.locator(".tile figcaption").first
    assert caption.bounding_box()["height"] <= 2 * 17
    page.close()


def test_intervals_of_a_loss_stay_inside_a_narrow_panel(browser, story: RunStory, tmp_path: Path):
    row = TrickRow("LabelSmoothing(smoothing=0.1)", 0.083, -1.054, 1.113, 12, "hurts", False, 1.04, metric="loss")
    page = browser.new_page(viewport={"width": 390, "height": 900})
    page.goto(write_html(replace(story, tricks=(row,)), tmp_path / "report.html").as_uri())
    panel = page.locator("#ablate .panel").first.bounding_box()
    interval = page.locator("#ablate .effects td .interval").first.bounding_box()
    assert interval["x"] + interval["width"] <= panel["x"] + panel["width"] - 10
    page.close()


def test_the_name_of_an_axis_stays_inside_a_narrow_chart(browser, story: RunStory, tmp_path: Path):
    label = "share of the variance of the ranks of 61 of 64 trials at 25 % of a training"
    rows = (Interval("learning_rate", 0.24, 0.01, 0.44, "matters"), Interval("batch_size", 0.1, 0.0, 0.19, ""))
    page = page_with(browser, story, Shares("Importance", label, rows), tmp_path, 390)
    page.wait_for_selector(".figure.shares .plot.drawn", timeout=60_000)
    chart, name = (page.locator(f".figure.shares {one}").bounding_box() for one in (".plot", ".xtitle"))
    assert chart["x"] <= name["x"]
    assert name["x"] + name["width"] <= chart["x"] + chart["width"]
    page.close()


def test_a_sentence_for_a_paper_is_shown_whole(browser, story: RunStory, tmp_path: Path):
    page = page_with(browser, story, Passage("Sentence", "Each effect is what it adds. " * 40), tmp_path, 390)
    box = page.locator(".words.prose pre")
    assert box.evaluate("one => one.scrollHeight - one.clientHeight") <= 1
    page.close()
