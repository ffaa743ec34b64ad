"""Review in a real browser: thirty by keyboard, undo, two reviewers at one server and at two, a killed server."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from page_support import await_seen, decided, judged, make_pictures, make_workspace, served

pytestmark = [pytest.mark.browser]
expect = pytest.importorskip("playwright.sync_api").expect


def card(page):
    return page.locator("#review .card")


def press_and_wait(page, key: str) -> None:
    """Press a key that decides about what is on the screen, and wait for the next card."""
    await_seen(page)
    row = card(page).get_attribute("data-row")
    page.keyboard.press(key)
    expect(page.locator(f'#review .card[data-row="{row}"]')).to_have_count(0)


def test_thirty_suspects_are_labelled_by_keyboard_alone(visit, tmp_path: Path) -> None:
    data = make_pictures()
    with served(make_workspace(tmp_path, data, judged(data))) as address:
        page = visit(f"{address}/review")
        for number in range(30):
            press_and_wait(page, ("Enter", "0", "1", "2", "u", "d")[number % 6])
        expect(page.locator("#done")).to_have_attribute("data-decided", "30")
        assert not page.problems
    decisions = decided(tmp_path)
    assert [one[0] for one in decisions] == [f"picture-{row}" for row in range(30)], "most suspicious first"
    # Labels go cat, dog, horse in turn: the digit of the label that is there keeps it.
    assert [one[1] for one in decisions[:6]] == ["relabel", "relabel", "relabel", "relabel", "unsure", "drop"]
    assert [one[2] for one in decisions[:6]] == ["dog", "cat", "dog", "horse", None, None]
    assert [one[1] for one in decisions[6:12]] == ["relabel", "relabel", "relabel", "relabel", "unsure", "drop"]


def test_moving_decides_nothing_and_undo_goes_back(visit, tmp_path: Path) -> None:
    data = make_pictures()
    with served(make_workspace(tmp_path, data, judged(data))) as address:
        page = visit(f"{address}/review")
        for key, row in (("j", "1"), ("j", "2"), ("k", "1")):
            page.keyboard.press(key)
            expect(card(page)).to_have_attribute("data-row", row)
        assert decided(tmp_path) == []
        press_and_wait(page, "2")
        expect(page.locator("#saved")).to_contain_text("labelled horse")
        page.keyboard.press("z")
        expect(card(page)).to_have_attribute("data-row", "1")
        expect(page.locator("#saved")).to_contain_text("taken back: labelled horse")
        page.keyboard.press("z")
        expect(page.locator("#saved")).to_contain_text("nothing to undo")
    assert [one[:2] for one in decided(tmp_path)] == [("picture-1", "relabel"), ("picture-1", "undo")]


def test_more_than_ten_classes_are_typed(visit, tmp_path: Path) -> None:
    data = make_pictures(60, tuple(f"species {number}" for number in range(30)))
    with served(make_workspace(tmp_path, data, judged(data))) as address:
        page = visit(f"{address}/review")
        await_seen(page)
        page.keyboard.press("l")
        page.keyboard.type("27")
        expect(page.locator(".fitting .first")).to_have_text("species 27")
        page.keyboard.press("Enter")
        expect(card(page)).to_have_attribute("data-row", "1")
        await_seen(page)
        page.keyboard.press("u")
        expect(card(page)).to_have_attribute("data-row", "2")
    assert decided(tmp_path) == [
        ("picture-0", "relabel", "species 27", "anna"), ("picture-1", "unsure", None, "anna")
    ]  # fmt: skip


@pytest.mark.parametrize("servers", [1, 2])
def test_two_reviewers_at_once_lose_nothing(visit, tmp_path: Path, servers: int) -> None:
    data = make_pictures()
    table = judged(data)
    first = make_workspace(tmp_path, data, table)
    second = first if servers == 1 else make_workspace(tmp_path, data, table)
    with served(first) as address, served(second) as other:
        anna = visit(f"{address}/review", reviewer="anna")
        ben = visit(f"{other}/review", reviewer="ben")
        for _ in range(8):
            for page, key in ((anna, "u"), (ben, "d")):
                await_seen(page)
                page.keyboard.press(key)
        for page, key, said in (
            (anna, "0", re.compile("as cat|labelled cat")),
            (ben, "1", re.compile("as dog|labelled dog")),
        ):
            press_and_wait(page, key)
            expect(page.locator("#saved")).to_have_text(said)
    decisions = decided(tmp_path)
    counts = {who: sum(one[3] == who for one in decisions) for who in ("anna", "ben")}
    assert counts == {"anna": 9, "ben": 9}
    assert len({one[0] for one in decisions}) == len(decisions), "nobody judges what another has open"


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


def test_a_server_killed_in_the_middle_loses_nothing_that_it_said(visit, tmp_path: Path) -> None:
    process, port = start_server(tmp_path)
    try:
        page = visit(f"http://127.0.0.1:{port}/review")
        for _ in range(5):
            press_and_wait(page, "u")
        await_seen(page)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        page.keyboard.press("u")
        expect(page.locator("#trouble")).to_contain_text("Not saved: the server does not answer")
        expect(card(page)).to_have_attribute("data-row", "5")
        assert len(decided(tmp_path)) == 5
        process, _ = start_server(tmp_path, port)
        page.keyboard.press("u")
        expect(card(page)).to_have_attribute("data-row", "6")
        expect(page.locator("#trouble")).to_be_empty()
        expect(page.locator("#done")).to_have_attribute("data-decided", "6")
    finally:
        process.kill()
        process.wait()
    assert [one[0] for one in decided(tmp_path)] == [f"picture-{row}" for row in range(6)]
