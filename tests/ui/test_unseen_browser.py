"""What is pressed before an example is on the screen decides nothing: a decision belongs to what its reviewer saw."""

from __future__ import annotations

from pathlib import Path
from threading import Event
from typing import Any

import polars as pl
import pytest
from page_support import await_seen, decided, judged, make_pictures, make_workspace, served

from assay.ui.workspace import Workspace

pytestmark = [pytest.mark.browser]
expect = pytest.importorskip("playwright.sync_api").expect


def with_groups(folder: Path) -> Workspace:
    """Pictures 0 and 1 are equal, and come first in each tab."""
    data = make_pictures()
    groups = pl.Series("duplicate_group", [1, 1] + [None] * 58, dtype=pl.Int64)
    return make_workspace(folder, data, judged(data).with_columns(groups))


class Held:
    """Requests of a page that wait until they are let go."""

    def __init__(self, page: Any, pattern: str) -> None:
        self.routes, self.is_open = list[Any](), False
        page.route(pattern, lambda route: route.continue_() if self.is_open else self.routes.append(route))

    def let_go(self) -> None:
        self.is_open = True
        for route in self.routes:
            route.continue_()


@pytest.mark.parametrize(
    ("path", "begin", "picture"),
    [("/review", "", "/picture/1?size=640*"), ("/browse", "j", "/picture/1?size=640*"),
     ("/duplicates?group=0", "", "/picture/1?size=320*")],
    ids=["review", "browse", "duplicates"],
)  # fmt: skip
def test_no_key_decides_about_a_picture_that_is_not_there_yet(
    visit, tmp_path: Path, path: str, begin: str, picture: str
) -> None:
    with served(with_groups(tmp_path)) as address:
        page = visit(f"{address}/overview")
        held = Held(page, f"**{picture}")
        page.goto(address + path, wait_until="commit")
        if begin:
            expect(page.locator(".cell").first).to_be_visible()
            page.keyboard.press(begin)
        if path == "/duplicates?group=0":
            # Both stand side by side from the first.
            page.wait_for_selector(".decide", state="attached")
        else:
            await_seen(page)
            page.keyboard.press("u")
            expect(page.locator('[data-row="1"] .decide')).to_be_attached()
        before = len(decided(tmp_path))
        for key in ("d", "0", "Enter"):
            page.keyboard.press(key)
        page.locator(".decide #do-drop").click()
        assert page.locator(".decide[data-seen]").count() == 0
        held.let_go()
        await_seen(page)
        assert len(decided(tmp_path)) == before, "what was pressed meanwhile is not made up for"
        page.keyboard.press("d")
        expect(page.locator("#saved")).to_contain_text("dropped")
        assert not page.problems
    assert [one[1] for one in decided(tmp_path)[before:]] == ["drop"]


@pytest.mark.parametrize("path", ["/review", "/browse"])
def test_a_key_at_the_moment_the_next_example_arrives_is_not_for_it(visit, tmp_path: Path, path: str) -> None:
    with served(with_groups(tmp_path)) as address:
        page = visit(address + path)
        if path == "/browse":
            page.keyboard.press("j")
        await_seen(page)
        page.evaluate("""() => {
            const press = () => {
                if (document.querySelector('[data-row="1"] .decide[data-seen]')) return;
                document.body.dispatchEvent(new KeyboardEvent("keydown", {key: "d", bubbles: true}));
            };
            for (const name of ["htmx:beforeRequest", "htmx:beforeSwap", "htmx:afterSwap", "htmx:afterSettle"])
                document.addEventListener(name, press);
        }""")
        page.keyboard.press("u")
        expect(page.locator('[data-row="1"] .decide[data-seen]')).to_be_attached()
    assert [one[:2] for one in decided(tmp_path)] == [("picture-0", "unsure")]


def test_who_moves_on_before_a_picture_is_there_decides_nothing_about_it(visit, tmp_path: Path) -> None:
    with served(with_groups(tmp_path)) as address:
        page = visit(f"{address}/browse")
        page.keyboard.press("j")
        await_seen(page)
        picture, following = Held(page, "**/picture/1?size=640*"), Held(page, "**/browse/example/2")
        page.keyboard.press("j")
        expect(page.locator('[data-row="1"] .decide')).to_be_attached()
        page.keyboard.press("j")
        while not (picture.routes and following.routes):
            page.wait_for_timeout(10)
        picture.let_go()
        # The page waits for the same since before.
        page.evaluate("() => assayShown([...document.querySelectorAll('img[data-judged]')])")
        expect(page.locator('[data-row="1"] .decide:not([data-seen])')).to_be_attached()
        page.keyboard.press("d")
        following.let_go()
        expect(page.locator('[data-row="2"] .decide[data-seen]')).to_be_attached()
        page.keyboard.press("d")
        expect(page.locator("#saved")).to_contain_text("dropped")
    assert [one[:2] for one in decided(tmp_path)] == [("picture-2", "drop")]


def test_what_fails_elsewhere_on_the_page_brings_no_left_example_back(visit, tmp_path: Path) -> None:
    with served(with_groups(tmp_path)) as address:
        page = visit(f"{address}/browse")
        page.keyboard.press("j")
        await_seen(page)
        following = Held(page, "**/browse/example/1")
        page.keyboard.press("j")
        while not following.routes:
            page.wait_for_timeout(10)
        page.route("**/browse/grid*", lambda route: route.abort())
        page.locator("#words").fill("cat")
        expect(page.locator("#trouble")).to_contain_text("does not answer")
        page.locator("#words").press("Escape")
        page.keyboard.press("d")
        expect(page.locator('[data-row="0"] .decide:not([data-seen])')).to_be_attached()
        following.let_go()
        expect(page.locator('[data-row="1"] .decide[data-seen]')).to_be_attached()
    assert decided(tmp_path) == []


def test_while_a_decision_is_on_its_way_nothing_is_taken_back_and_nothing_moves(visit, tmp_path: Path) -> None:
    with served(with_groups(tmp_path)) as address:
        page = visit(f"{address}/review")
        await_seen(page)
        page.keyboard.press("u")
        expect(page.locator('[data-row="1"] .decide[data-seen]')).to_be_attached()
        held, asked = Held(page, "**/review/decide*"), Event()
        page.on("request", lambda request: asked.set() if "undo" in request.url or "card" in request.url else None)
        for key in ("d", "z", "j"):
            page.keyboard.press(key)
        while not held.routes:
            page.wait_for_timeout(10)
        assert not asked.is_set(), "an undo that overtakes its decision takes back another one"
        held.let_go()
        expect(page.locator('[data-row="2"] .decide[data-seen]')).to_be_attached()
    assert [one[1] for one in decided(tmp_path)] == ["unsure", "drop"]


def test_a_decision_that_could_not_be_saved_may_be_pressed_again(visit, tmp_path: Path) -> None:
    with served(with_groups(tmp_path)) as address:
        page = visit(f"{address}/browse")
        page.keyboard.press("j")
        await_seen(page)
        page.route("**/browse/decide", lambda route: route.abort())
        page.keyboard.press("d")
        expect(page.locator("#trouble")).to_contain_text("Not saved")
        page.unroute("**/browse/decide")
        await_seen(page)
        page.keyboard.press("d")
        expect(page.locator('[data-row="1"] .decide[data-seen]')).to_be_attached()
        expect(page.locator("#trouble")).to_be_empty()
    assert [one[:2] for one in decided(tmp_path)] == [("picture-0", "drop")]
