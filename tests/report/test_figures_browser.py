"""Figures of studies and searches in a real browser: all drawn, in both themes and narrow windows, and words copied."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from assay.figure import CostedGain, Figure, Matrix, Parallel, Pareto, Passage, Setting, Slices, Surface, Tried
from assay.finding import Finding, Report
from assay.report.page import write_html
from assay.report.story import RunStory, StageStory

pytestmark = [pytest.mark.browser]
playwright = pytest.importorskip("playwright.sync_api")

PATIENCE_MILLISECONDS = 60_000
LATEX = "\\begin{table}\n<b> & 1 \\\\\n\\end{table}\n"
DRAWN = "[...document.querySelectorAll('.plot')].filter((one) => one.offsetParent && !one.matches('.drawn')).length"
CHARTS = 12


def tried(n: int) -> Tried:
    dice = random.Random(3)
    rates = tuple(10 ** dice.uniform(-4, 0) for _ in range(n))
    scores = tuple(math.nan if rate > 0.5 else dice.random() for rate in rates)
    kinds = tuple(dice.choice(("sgd", "adamw")) for _ in rates)
    return Tried("accuracy", scores, (Setting("rate", rates, log=True), Setting("decay", tuple(map(abs, scores))),
                                      Setting("optimizer", kinds)))  # fmt: skip


def figures() -> tuple[Figure, ...]:
    names = tuple(f"LabelSmoothing(smoothing=0.{n})" for n in range(12))
    gains = tuple(CostedGain(name, 1 + n / 20, n / 10, n / 10 - 0.3, n / 10 + 0.3, "helps" if n > 3 else "unclear")
                  for n, name in enumerate(names))  # fmt: skip
    pairs = Matrix("pairs", tuple(tuple(float(i - j) / 10 for j in range(12)) for i in range(12)), names, names)
    one, many = tried(1), tried(60)
    return (
        Pareto("Gain against cost", "cost", "gain", gains, 1.0), pairs, Parallel("p", many), Slices("s", many),
        Surface("u", "rate", "decay", many), Surface("v", "rate", "optimizer", many), Parallel("p1", one),
        Slices("s1", one), Passage("LaTeX", LATEX, is_code=True),
    )  # fmt: skip


@pytest.fixture
def page_file(story: RunStory, tmp_path: Path) -> Path:
    report = Report("ablate", (Finding("f", "note", "all figures", figures=figures()),), (), 1.0)
    stage = StageStory("ablate", "Regularise", "Which tricks pay?", "done", 1.0, report)
    return write_html(replace(story, stages=(stage,)), tmp_path / "report.html")


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (390, "dark")])
def test_all_is_drawn_without_an_error_and_nothing_is_wider_than_the_window(browser, page_file, width, theme):
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)
    page, problems = context.new_page(), []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(page_file.as_uri())
    waited = 0
    while page.evaluate(DRAWN) and waited < PATIENCE_MILLISECONDS:
        page.wait_for_timeout(200)
        waited += 200
    assert page.evaluate(DRAWN) == 0
    assert page.locator(".plot.drawn").count() == CHARTS
    assert not problems
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    names = page.locator(".figure.pareto .annotation-text").all_inner_texts()
    assert len(names) == 12
    context.close()


def test_no_name_of_a_chart_of_gains_lies_on_another(browser, page_file):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(page_file.as_uri())
    page.wait_for_selector(".figure.pareto .plot.drawn", timeout=PATIENCE_MILLISECONDS)
    boxes = [one.bounding_box() for one in page.locator(".figure.pareto .annotation-text").all()]
    ordered = sorted((box["y"], box["y"] + box["height"]) for box in boxes)
    assert all(below[0] >= above[1] - 1 for above, below in pairwise(ordered))
    page.close()


def test_words_are_copied_by_their_button_as_they_are(browser, page_file):
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(page_file.as_uri())
    button = page.get_by_role("button", name="Copy: LaTeX")
    button.click()
    playwright.expect(button).to_have_text("Copied", timeout=PATIENCE_MILLISECONDS)
    assert page.evaluate("navigator.clipboard.readText()") == LATEX
    context.close()


def test_a_narrow_strip_of_effects_keeps_what_its_caption_tells_of(browser, story: RunStory, tmp_path: Path):
    page = browser.new_page(viewport={"width": 390, "height": 900})
    page.goto(write_html(story, tmp_path / "report.html").as_uri())
    for cell in ("n", "cost"):
        shown = page.locator(f"#ablate .strip.effects td.{cell}")
        assert shown.count() == len(story.tricks)
        assert all(shown.nth(place).is_visible() for place in range(shown.count()))
    page.close()


def test_a_narrow_chart_of_gains_has_its_names_inside_the_card(browser, story: RunStory, tmp_path: Path):
    names = ("LabelSmoothing()", "EMA(decay=0.99)", "GradientClip(limit=1.0)")
    gains = tuple(CostedGain(name, 1.0 + n / 10, 0.1, 0.0, 0.2) for n, name in enumerate(names))
    report = Report(
        "ablate", (Finding("f", "note", "g", figures=(Pareto("Gain", "cost", "gain", gains, 1.0),)),), (), 1.0
    )
    stage = StageStory("ablate", "Regularise", "Which tricks pay?", "done", 1.0, report)
    page = browser.new_page(viewport={"width": 390, "height": 900})
    page.goto(write_html(replace(story, stages=(stage,)), tmp_path / "report.html").as_uri())
    page.wait_for_selector(".figure.pareto .plot.drawn", timeout=PATIENCE_MILLISECONDS)
    card = page.locator(".figure.pareto").bounding_box()
    boxes = [one.bounding_box() for one in page.locator(".figure.pareto .annotation-text").all()]
    assert len(boxes) == 3
    assert all(box["x"] + box["width"] <= card["x"] + card["width"] for box in boxes)
    page.close()
