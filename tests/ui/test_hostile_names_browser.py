"""Names that would be code: ids, classes, columns, cells and reviewers are shown as they are, and none of them runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from page_support import await_seen, decided, judged, make_pictures, make_workspace, served
from run_support import finish_stage, make_run

from assay.data.data import Data
from assay.data.open import open_data
from assay.figure import Bars, Images, Table
from assay.finding import Finding, Report, Skipped
from assay.ui.example_rows import add_features, list_examples
from assay.ui.workspace import Workspace

pytestmark = [pytest.mark.browser]
expect = pytest.importorskip("playwright.sync_api").expect

CODE = "window.hacked=(window.hacked||0)+1"
EVIL = (
    f"<img src=x onerror={CODE}>",
    f"<script>{CODE}</script>",
    f"\"'><svg onload={CODE}>",
    f"</script><script>{CODE}//",
    "{{ 7*7 }}${7*7}<b hx-get=/state hx-trigger=load>",
    f"javascript:{CODE}",
    "a\n\t`--\u2028\u202e&amp;&#60;",
)


def watched(visit, address: str, **asked: Any):
    """A page on which a script of another than this site would be told, also one that the policy stopped."""
    page = visit("about:blank", **asked)
    page.add_init_script(
        "addEventListener('securitypolicyviolation', (told) => console.error('stopped ' + told.violatedDirective))"
    )
    page.goto(address)
    return page


def require_untouched(page) -> None:
    page.wait_for_load_state("load")
    # What is fetched after that, such as pictures and runs, may run later.
    page.wait_for_timeout(400)
    assert page.evaluate("window.hacked") is None
    assert (
        page.evaluate(
            "document.querySelectorAll('main svg[onload], img[onerror], [hx-get=\"/state\"][hx-trigger=load] b').length"
        )
        == 0
    )
    assert not [told for told in page.problems if "stopped" in told or "Error" in told]


def hostile_pictures() -> Data:
    data = make_pictures(classes=EVIL[:3])
    splits = {}
    for name in ("train", "validation", "test"):
        split = getattr(data, name)
        ids = tuple(f"{EVIL[i % len(EVIL)]}/{id}.png" for i, id in enumerate(split.ids))
        splits[name] = replace(split, ids=ids)
    return replace(data, name=EVIL[0], **splits)


def told_of(workspace: Workspace) -> Workspace:
    """With findings whose every word is hostile, and groups of equals."""
    assert workspace.subject is not None
    evil, subject = EVIL[0], workspace.subject
    ids = [subject.id(row) for row in range(5)]
    findings = tuple(
        Finding(name, level, f"{one} is wrong.", {one: [one], "ids": ids, "examples": [{one: one}]}, one, one, one,
                (Table(one, (one, "b"), ((one, one),)), Bars(one, (one, "b"), (1.0, 2.0)), Images(one, (), ())))
        for name, level, one in (("leak", "proved", EVIL[0]), ("cue", "suspect", EVIL[3]), ("counts", "note", EVIL[2]))
    )  # fmt: skip
    report = Report("inspect", findings, (Skipped("near_duplicates", evil),))
    groups = pl.Series("duplicate_group", [1, 1, 1] + [None] * (len(subject) - 3), dtype=pl.Int64)
    workspace.subject = replace(subject, report=report, table=subject.table.with_columns(groups))
    return workspace


@pytest.mark.parametrize("reviewer", [EVIL[0]])
def test_no_name_runs_on_any_tab(visit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reviewer: str) -> None:
    monkeypatch.chdir(tmp_path)
    run = make_run(tmp_path / "assay-runs", f"<img src=x onerror={CODE}>")
    finish_stage(run, "inspect", Report("inspect", (), ()))
    data = hostile_pictures()
    with served(told_of(make_workspace(tmp_path, data, judged(data), reviewer=reviewer))) as address:
        page = watched(visit, f"{address}/overview")
        expect(page.locator("main")).to_contain_text(EVIL[0])
        for path in ("/browse", "/review", "/review?queue=all", "/duplicates", "/human", "/runs?all=1"):
            page.goto(address + path)
            require_untouched(page)
        page.goto(f"{address}/browse")
        page.keyboard.press("j")
        expect(page.locator("#panel .example")).to_contain_text("onerror")
        await_seen(page)
        page.keyboard.press("1")
        page.keyboard.press("/")
        page.keyboard.type("label = '<")
        require_untouched(page)
        page.goto(f"{address}/browse?where=%3Cscript%3E{CODE}%3C/script%3E&words=%22%3E%3Cimg src=x onerror={CODE}%3E")
        require_untouched(page)
        page.goto(f"{address}/nowhere/%3Cscript%3E{CODE}%3C/script%3E")
        require_untouched(page)
        page.goto(f"{address}/review")
        for key in ("Enter", "u", "z", "d"):
            await_seen(page)
            page.keyboard.press(key)
            expect(page.locator("#saved")).to_contain_text({"z": "taken back", "u": "unsure", "d": "drop"}.get(key, ""))
        require_untouched(page)
    assert {one[3] for one in decided(tmp_path)} == {reviewer}


def test_no_answer_of_a_quiz_runs(visit, tmp_path: Path) -> None:
    with served(make_workspace(tmp_path, hostile_pictures())) as address:
        page = watched(visit, f"{address}/human")
        page.locator("#person").fill(EVIL[1])
        page.locator("#questions").fill("2")
        page.keyboard.press("Enter")
        for number in (1, 2):
            expect(page.locator("#question .progress-line b")).to_have_text(str(number))
            expect(page.locator("#question[data-seen=yes]")).to_be_attached()
            require_untouched(page)
            page.keyboard.press("1")
        page.wait_for_url("**/human/result")
        page.keyboard.press("Enter")
        expect(page.locator("#told[aria-busy=false]")).to_be_attached()
        require_untouched(page)


def test_no_column_or_cell_of_a_table_runs(visit, tmp_path: Path) -> None:
    def quoted(text: str) -> str:
        return '"' + text.replace('"', '""') + '"'

    lines = [f"{i % 7},{quoted(EVIL[i % 6])},{quoted(EVIL[i % 2])}" for i in range(60)]
    path = tmp_path / "rows.csv"
    path.write_text("\n".join([f"{quoted(EVIL[0])},{quoted(EVIL[2])},kind", *lines]) + "\n")
    data = open_data(path, target="kind")
    workspace = make_workspace(tmp_path, data)
    table, features = add_features(list_examples(data), data)
    assert workspace.subject is not None
    workspace.subject = replace(workspace.subject, table=table, features=features)
    with served(told_of(workspace)) as address:
        page = watched(visit, f"{address}/overview")
        for tab in ("/overview", "/browse", "/review", "/duplicates"):
            page.goto(address + tab)
            page.keyboard.press("j")
            require_untouched(page)
        page.goto(f"{address}/human")
        page.locator("#person").fill("anna")
        page.keyboard.press("Enter")
        expect(page.locator("#question")).to_contain_text("onerror")
        require_untouched(page)
