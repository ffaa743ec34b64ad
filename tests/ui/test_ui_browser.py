"""The page in a real browser: keys, undo, filter, two reviewers, a killed server, many images, accessibility."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from page_support import judged, make_pictures, make_workspace, served

from assay.audit.decisions import DecisionLog, read_decisions
from assay.data.data import Data
from assay.data.encoders import ArrayEncoder
from assay.data.specification import Normalization, Specification
from assay.data.split import Split

pytestmark = [pytest.mark.browser]
playwright = pytest.importorskip("playwright.sync_api")
expect = playwright.expect

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
PATIENCE_MILLISECONDS = 30_000
"""Nothing is timed: a busy machine must not fail a test."""


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    path = next(filter(None, map(shutil.which, CHROMIUMS)))
    with playwright.sync_playwright() as started:
        chromium = started.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser):
    contexts = []

    def open_page(address: str, *, reviewer: str = "", dark: bool = False, width: int = 1280, height: int = 800):
        context = browser.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce",
                                      color_scheme="dark" if dark else "light")  # fmt: skip
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MILLISECONDS)
        if reviewer:
            context.add_cookies([{"name": "assay-reviewer", "value": reviewer, "url": address}])
        page = context.new_page()
        page.problems = []
        page.on("pageerror", lambda error: page.problems.append(str(error)))
        # A question that a newer one takes the place of is broken off, which htmx writes down as an error.
        page.on("console", lambda said: page.problems.append(said.text)
                if said.type == "error" and "htmx:" not in said.text else None)  # fmt: skip
        page.goto(address)
        return page

    expect.set_options(timeout=PATIENCE_MILLISECONDS)
    yield open_page
    for context in contexts:
        context.close()


def card(page):
    return page.locator("#review .card")


def press_and_wait(page, key: str) -> None:
    """Press a key that decides, and wait for the next card."""
    row = card(page).get_attribute("data-row")
    page.keyboard.press(key)
    expect(page.locator(f'#review .card[data-row="{row}"]')).to_have_count(0)


def standing(folder: Path) -> list[tuple[str, str, object, str]]:
    path = folder / "decisions.jsonl"
    log = read_decisions(path) if path.exists() else DecisionLog(path, ())
    assert not log.set_aside
    return [(one.id, one.action, one.label, one.reviewer) for one in log.decisions]


def test_thirty_suspects_are_labelled_by_keyboard_alone(open_page, tmp_path: Path) -> None:
    data = make_pictures()
    with served(make_workspace(tmp_path, data, judged(data))) as address:
        page = open_page(f"{address}/review")
        for number in range(30):
            press_and_wait(page, ("Enter", "0", "1", "2", "u", "d")[number % 6])
        expect(page.locator("#done")).to_have_attribute("data-decided", "30")
        assert not page.problems
    decisions = standing(tmp_path)
    assert [one[0] for one in decisions] == [f"picture-{row}" for row in range(30)], "most suspicious first"
    # Labels go cat, dog, horse in turn: the digit of the label that is there keeps it.
    assert [one[1] for one in decisions[:6]] == ["relabel", "relabel", "relabel", "relabel", "unsure", "drop"]
    assert [one[2] for one in decisions[:6]] == ["dog", "cat", "dog", "horse", None, None]
    assert [one[1] for one in decisions[6:12]] == ["relabel", "relabel", "relabel", "relabel", "unsure", "drop"]


def test_moving_decides_nothing_and_undo_goes_back(open_page, tmp_path: Path) -> None:
    data = make_pictures()
    with served(make_workspace(tmp_path, data, judged(data))) as address:
        page = open_page(f"{address}/review")
        for key, row in (("j", "1"), ("j", "2"), ("k", "1")):
            page.keyboard.press(key)
            expect(card(page)).to_have_attribute("data-row", row)
        assert standing(tmp_path) == []
        press_and_wait(page, "2")
        expect(page.locator("#saved")).to_contain_text("labelled horse")
        page.keyboard.press("z")
        expect(card(page)).to_have_attribute("data-row", "1")
        expect(page.locator("#saved")).to_contain_text("taken back: labelled horse")
        page.keyboard.press("z")
        expect(page.locator("#saved")).to_contain_text("nothing to undo")
    assert [one[:2] for one in standing(tmp_path)] == [("picture-1", "relabel"), ("picture-1", "undo")]


def test_more_than_ten_classes_are_typed(open_page, tmp_path: Path) -> None:
    data = make_pictures(60, tuple(f"species {number}" for number in range(30)))
    with served(make_workspace(tmp_path, data, judged(data))) as address:
        page = open_page(f"{address}/review")
        page.keyboard.press("l")
        page.keyboard.type("27")
        expect(page.locator(".fitting .first")).to_have_text("species 27")
        page.keyboard.press("Enter")
        expect(card(page)).to_have_attribute("data-row", "1")
        page.keyboard.press("u")
        expect(card(page)).to_have_attribute("data-row", "2")
    assert standing(tmp_path) == [
        ("picture-0", "relabel", "species 27", "anna"), ("picture-1", "unsure", None, "anna")
    ]  # fmt: skip


def test_the_grid_is_filtered_with_completion_sorted_and_searched(open_page, tmp_path: Path) -> None:
    data = make_pictures()
    with served(make_workspace(tmp_path, data, judged(data))) as address:
        page = open_page(f"{address}/browse")
        expect(page.locator(".total")).to_have_text("60 examples")
        page.keyboard.press("/")
        page.keyboard.type("lab")
        expect(page.locator("#where-options li").first).to_contain_text("label")
        page.keyboard.press("Tab")
        page.keyboard.type("= 'd")
        expect(page.locator("#where-options li").first).to_contain_text("'dog'")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.locator(".total")).to_have_text("20 of 60 examples")
        assert page.locator("#where").input_value().strip() == "label = 'dog'"
        page.select_option("#sort", "score")
        expect(page.locator(".cell").first).to_have_attribute("data-row", "58")
        page.fill("#words", "-2")
        expect(page.locator(".total")).to_have_text("3 of 60 examples")
        page.fill("#where", "labell = 3")
        page.keyboard.press("Enter")
        expect(page.locator(".problem")).to_contain_text("where must be a condition in SQL")
        assert not page.problems
        page.reload()
        expect(page.locator("#words")).to_have_value("-2")


def test_examples_are_labelled_while_browsing(open_page, tmp_path: Path) -> None:
    with served(make_workspace(tmp_path)) as address:
        page = open_page(f"{address}/browse")
        expect(page.locator(".cell").first).to_be_visible()
        page.keyboard.press("j")
        expect(page.locator("#panel .example")).to_have_attribute("data-row", "0")
        page.keyboard.press("1")
        expect(page.locator("#panel .example")).to_have_attribute("data-row", "1")
        expect(page.locator("#cell-0 .mark-relabel")).to_be_visible()
        page.keyboard.press("z")
        expect(page.locator("#panel .example")).to_have_attribute("data-row", "0")
        expect(page.locator("#cell-0 .mark-relabel")).to_have_count(0)
        expect(page.locator("#panel .similar li")).to_have_count(12)
    assert [one[:3] for one in standing(tmp_path)] == [("picture-0", "relabel", "dog"), ("picture-0", "undo", None)]


@pytest.mark.parametrize("servers", [1, 2])
def test_two_reviewers_at_once_lose_nothing(open_page, tmp_path: Path, servers: int) -> None:
    data = make_pictures()
    table = judged(data)
    first = make_workspace(tmp_path, data, table)
    second = first if servers == 1 else make_workspace(tmp_path, data, table)
    with served(first) as address, served(second) as other:
        anna = open_page(f"{address}/review", reviewer="anna")
        ben = open_page(f"{other}/review", reviewer="ben")
        for _ in range(8):
            anna.keyboard.press("u")
            ben.keyboard.press("d")
            expect(anna.locator("#saved")).to_be_visible()
            time.sleep(0.05)
        for page, key, said in (
            (anna, "0", re.compile("as cat|labelled cat")),
            (ben, "1", re.compile("as dog|labelled dog")),
        ):
            expect(page.locator("#review")).not_to_have_class(re.compile("htmx-request"))
            press_and_wait(page, key)
            expect(page.locator("#saved")).to_have_text(said)
    decisions = standing(tmp_path)
    counts = {who: sum(one[3] == who for one in decisions) for who in ("anna", "ben")}
    assert min(counts.values()) >= 2
    if servers == 1:
        assert len({one[0] for one in decisions}) == len(decisions), "on one server nobody judges what another has open"


KILLED = """
import sys
from pathlib import Path
sys.path.insert(0, {support!r})
from page_support import judged, make_pictures, make_workspace
from assay.ui.app import make_app
from assay.ui.serve import listen
import uvicorn
data = make_pictures()
workspace = make_workspace(Path({folder!r}), data, judged(data))
listening = listen("127.0.0.1", {port})
print(listening.getsockname()[1], flush=True)
uvicorn.Server(uvicorn.Config(make_app(workspace), log_level="error", lifespan="off")).run(sockets=[listening])
"""


def start_server(folder: Path, port: int = 0) -> tuple[subprocess.Popen[str], int]:
    code = KILLED.format(support=str(Path(__file__).parent), folder=str(folder), port=port)
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process.stdout as said:
        return process, int(said.readline())


def test_a_server_killed_in_the_middle_loses_nothing_that_it_said(open_page, tmp_path: Path) -> None:
    process, port = start_server(tmp_path)
    try:
        page = open_page(f"http://127.0.0.1:{port}/review")
        for _ in range(5):
            press_and_wait(page, "u")
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        page.keyboard.press("u")
        expect(page.locator("#trouble")).to_contain_text("Not saved: the server does not answer")
        expect(card(page)).to_have_attribute("data-row", "5")
        assert len(standing(tmp_path)) == 5
        process, _ = start_server(tmp_path, port)
        page.keyboard.press("u")
        expect(card(page)).to_have_attribute("data-row", "6")
        expect(page.locator("#trouble")).to_be_empty()
        expect(page.locator("#done")).to_have_attribute("data-decided", "6")
    finally:
        process.kill()
        process.wait()
    assert [one[0] for one in standing(tmp_path)] == [f"picture-{row}" for row in range(6)]


def many_pictures(n: int) -> Data:
    inputs = torch.arange(n).to(torch.uint8).view(n, 1, 1, 1).expand(n, 1, 8, 8)
    specification = Specification(
        "classification", (1, 8, 8), Normalization((127.0,), (74.0,)), ArrayEncoder((1, 8, 8)), ("even", "odd")
    )
    ids = tuple(f"picture-{number}" for number in range(n))
    empty = Split(inputs[:0], torch.zeros(0, dtype=torch.int64), ())
    return Data("many", specification, Split(inputs, torch.arange(n) % 2, ids), empty, empty)


def test_of_100_000_images_only_those_in_view_are_in_the_document(open_page, tmp_path: Path) -> None:
    with served(make_workspace(tmp_path, many_pictures(100_000))) as address:
        page = open_page(f"{address}/browse")
        expect(page.locator(".total")).to_have_text("100,000 examples")
        expect(page.locator(".cell").first).to_be_visible()
        scroller = page.locator(".scroller")
        for share in (0.1, 0.33, 0.9, 0.5, 1.0):
            scroller.evaluate("(box, share) => { box.scrollTop = share * box.scrollHeight; }", share)
            page.wait_for_function(
                """() => { const box = document.querySelector('.scroller').getBoundingClientRect();
                    const at = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
                    return at && at.closest('.cell'); }"""
            )
            assert page.locator(".cell").count() < 250
            assert page.evaluate("document.querySelectorAll('*').length") < 2_500
        expect(page.locator("#cell-99999")).to_have_attribute("data-row", "99999")
        scroller.focus()
        page.keyboard.press("Home")
        expect(page.locator("#panel .example")).to_have_attribute("data-row", "0")
        page.keyboard.press("End")
        expect(page.locator("#panel .example")).to_have_attribute("data-row", "99999")
        image = page.locator("#cell-99999 img")
        page.wait_for_function("(image) => image.complete && image.naturalWidth === 8", arg=image.element_handle())
        assert not page.problems


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("path", ["/browse", "/review", "/duplicates"])
def test_axe_finds_nothing_serious(open_page, tmp_path: Path, path: str, dark: bool) -> None:
    import polars as pl
    from axe_playwright_python.sync_playwright import Axe

    data = make_pictures()
    groups = pl.Series("duplicate_group", [None] * 4 + [3] + [None] * 53 + [3, None], dtype=pl.Int64)
    with served(make_workspace(tmp_path, data, judged(data).with_columns(groups))) as address:
        page = open_page(address + path, dark=dark)
        for key in ("j", "u"):
            page.keyboard.press(key)
            page.wait_for_load_state("networkidle")
        expect(page.locator("#saved")).to_contain_text("unsure")
        found = Axe().run(page).response["violations"]
    serious = [(one["id"], one["nodes"][0]["html"][:200]) for one in found if one["impact"] in ("serious", "critical")]
    assert not serious


def test_the_keys_are_shown_and_the_theme_is_switched_and_kept(open_page, tmp_path: Path) -> None:
    with served(make_workspace(tmp_path)) as address:
        page = open_page(f"{address}/browse")
        page.keyboard.press("?")
        expect(page.locator("#keys")).to_be_visible()
        page.keyboard.press("u")
        assert standing(tmp_path) == [], "keys decide nothing while they are explained"
        page.keyboard.press("Escape")
        expect(page.locator("#keys")).to_be_hidden()
        light = page.evaluate("getComputedStyle(document.body).backgroundColor")
        page.click("#theme")
        dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert light != dark
        page.reload()
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark


@pytest.mark.parametrize("path", ["/browse", "/review", "/duplicates"])
def test_nothing_is_wider_than_a_narrow_window(open_page, tmp_path: Path, path: str) -> None:
    data = make_pictures()
    with served(make_workspace(tmp_path, data, judged(data))) as address:
        page = open_page(address + path, width=800)
        page.keyboard.press("j")
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= 800
        assert page.evaluate("document.querySelector('main').scrollWidth") <= 800


def test_a_page_that_came_too_early_shows_itself_once_the_data_is_read(open_page, tmp_path: Path) -> None:
    from assay.ui.asked import Asked
    from assay.ui.workspace import Workspace

    ready = make_workspace(tmp_path)
    workspace = Workspace(Asked("pictures"))
    with served(workspace) as address:
        page = open_page(f"{address}/browse")
        expect(page.locator("h1")).to_have_text("Reading pictures")
        for name in ("journal", "thumbnails", "views", "similar", "subject", "reading"):
            setattr(workspace, name, getattr(ready, name))
        expect(page.locator(".total")).to_have_text("60 examples")
