"""Overview, human baseline and runs in a real browser: by keyboard, with a reload, growing curves, accessibility."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from page_support import make_pictures, make_workspace, served
from run_support import CONFUSIONS, ERRORS, TRICKS, finish_stage, grow, make_run

from assay.audit.quiz import read_answers
from assay.figure import Bars
from assay.finding import Finding, Report, Skipped
from assay.ui.workspace import Workspace

pytestmark = [pytest.mark.browser]
expect = pytest.importorskip("playwright.sync_api").expect

AUDIT = Report(
    "inspect",
    (
        Finding("train_test_duplicates", "proved", "2 of 10 test examples are also in train.", {"n": 10}, "Copies.",
                "Remove them.", "Karpathy 2019"),
        Finding("drift", "suspect", "Test is darker.", {"columns": [{"name": "brightness", "gap": 1.2}]}, fix="Look."),
        Finding("class_balance", "note", "Balanced.", figures=(Bars("Examples", ("cat", "dog"), (3.0, 5.0)),)),
        Finding("counts", "note", "60 examples.", {"ids": ["picture-3"]}),
    ),
    (Skipped("near_duplicates", "no time"),),
)  # fmt: skip


def audited(folder: Path, **asked: object) -> Workspace:
    workspace = make_workspace(folder, **asked)
    assert workspace.subject is not None
    workspace.subject = replace(workspace.subject, report=AUDIT)
    return workspace


def question(page, number: int) -> None:
    """Wait until this question, from 1, is painted."""
    expect(page.locator("#question[data-seen] .progress-line b")).to_have_text(str(number))


def serious(page) -> list[tuple[str, str]]:
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [(one["id"], one["nodes"][0]["html"][:200]) for one in found if one["impact"] in ("serious", "critical")]


def test_a_quiz_by_keyboard_with_a_reload_in_the_middle_ends_in_an_interval(visit, tmp_path: Path) -> None:
    with served(make_workspace(tmp_path)) as address:
        page = visit(f"{address}/human")
        page.locator("#person").fill("anna")
        page.locator("#questions").fill("10")
        page.keyboard.press("Enter")
        question(page, 1)
        assert page.locator("#question").inner_text().count("picture-") == 0
        for number, key in enumerate("012u", start=1):
            question(page, number)
            page.keyboard.press(key)
        question(page, 5)
        page.keyboard.press("z")
        question(page, 4)
        page.reload()
        question(page, 4)
        for number in range(4, 12):
            question(page, number)
            page.keyboard.press("1")
        page.wait_for_url("**/human/result")
        page.keyboard.press("z")
        question(page, 11)
        page.keyboard.press("1")
        page.wait_for_url("**/human/result")
        page.keyboard.press("Enter")
        page.wait_for_url("**/human/result?anyway=1")
        expect(page.locator("#told[aria-busy=false]")).to_be_attached()
        expect(page.locator("#score")).to_contain_text("95 % interval")
        expect(page.locator("#told")).to_contain_text("majority class")
        expect(page.locator("#told")).to_contain_text("Of 1 examples shown again")
        expect(page.locator("#told .plot.drawn").first).to_be_visible()
        expect(page.locator(".differ li").first).to_contain_text("labelled")
        assert not page.problems
    kept = read_answers(tmp_path / "answers.jsonl").answers
    assert [one.label for one in kept[:5]] == ["cat", "dog", "horse", None, None]
    assert [one.action for one in kept[:5]] == ["answer"] * 3 + ["unsure", "undo"]
    assert len(kept) == 16
    assert [one.action for one in kept[-4:]] == ["answer", "undo", "answer", "shown"]
    assert all(one.seconds > 0 for one in kept if one.action == "answer")
    assert {one.person for one in kept} == {"anna"}


def test_many_classes_are_typed_and_enter_without_one_answers_nothing(visit, tmp_path: Path) -> None:
    data = make_pictures(120, classes=tuple(f"kind {number:02}" for number in range(12)))
    with served(make_workspace(tmp_path, data)) as address:
        page = visit(f"{address}/human")
        page.keyboard.press("Enter")
        question(page, 1)
        expect(page.locator("#label")).to_be_focused()
        page.keyboard.type("zebra")
        page.keyboard.press("Enter")
        expect(page.locator("#trouble")).to_contain_text("label must be a class")
        page.locator("#label").fill("")
        page.keyboard.type("11")
        expect(page.locator("#fits button")).to_have_text(["kind 11"])
        page.keyboard.press("Enter")
        question(page, 2)
        expect(page.locator("#trouble")).to_be_empty()
        page.keyboard.press("Escape")
        page.keyboard.press("u")
        question(page, 3)
        assert not serious(page)
    assert [one.label for one in read_answers(tmp_path / "answers.jsonl").answers] == ["kind 11", None]


def test_curves_grow_while_a_run_goes_on_and_its_findings_follow(visit, tmp_path: Path) -> None:
    folder = make_run(tmp_path, "a", begun="ablate")
    with served(audited(tmp_path, place=str(folder))) as address:
        page = visit(f"{address}/runs")
        expect(page.locator("#now")).to_contain_text("running")
        grow(folder, 4)
        chart = page.locator("#curves .plot.drawn")
        expect(chart).to_have_count(1)
        count = "() => document.querySelector('#curves .plot').data.map(one => one.x.length).join()"
        assert page.evaluate(count) == "4"
        chart.evaluate("chart => { chart.mine = true; }")
        grow(folder, 9)
        page.wait_for_function(f"() => ({count})() === '9'")
        assert chart.evaluate("chart => chart.mine"), "the chart was drawn over, not put in anew"
        finish_stage(folder, "ablate", Report("ablate", (TRICKS,)))
        expect(page.locator("#told")).to_contain_text("Of 2 tricks 1 helps")
        expect(page.locator("#told .plot.drawn")).to_have_count(1)
        assert not page.problems


def test_the_charts_follow_the_switch_of_the_theme(visit, tmp_path: Path) -> None:
    with served(audited(tmp_path)) as address:
        page = visit(f"{address}/overview")
        bar = "() => document.querySelector('.plot.drawn')?.data[0].marker.color"
        page.wait_for_function(bar)
        light = page.evaluate(bar)
        page.click("#theme")
        page.wait_for_function(f"(before) => ({bar})() !== before", arg=light)


def test_a_finding_leads_to_its_examples(visit, tmp_path: Path) -> None:
    with served(audited(tmp_path)) as address:
        page = visit(f"{address}/overview")
        page.locator(".plain summary", has_text="60 examples.").click()
        page.get_by_role("link", name="Browse 1 example").click()
        page.wait_for_url("**/browse?**")
        expect(page.locator(".cell")).to_have_count(1)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(
    "path", ["/overview", "/human", "/human/quiz", "/human/result", "/human/result?anyway=1", "/runs?all=1", "/runs/a"]
)
def test_axe_finds_nothing_serious_here(visit, tmp_path: Path, path: str, dark: bool) -> None:
    folder = make_run(tmp_path, "a", done={"ablate": Report("ablate", (TRICKS,)),
                                           "test": Report("test", (ERRORS, CONFUSIONS))}, begun="squeeze")  # fmt: skip
    grow(folder, 6, looks=2)
    with served(audited(tmp_path, place=str(folder))) as address:
        page = visit(f"{address}/human", dark=dark)
        page.locator("#questions").fill("6")
        page.keyboard.press("Enter")
        question(page, 1)
        page.keyboard.press("0")
        question(page, 2)
        page.goto(address + path)
        if path in ("/overview", "/human/result?anyway=1", "/runs/a"):
            expect(page.locator(".plot.drawn").first).to_be_visible()
        found = serious(page)
    assert not found
