"""The page in a real browser: filter, grid of many images, keys, light and dark, accessibility, narrow windows."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from page_support import await_seen, decided, judged, make_pictures, make_workspace, served

from assay.data.data import Data
from assay.data.encoders import ArrayEncoder
from assay.data.specification import Normalization, Specification
from assay.data.split import Split

pytestmark = [pytest.mark.browser]
expect = pytest.importorskip("playwright.sync_api").expect


def test_the_grid_is_filtered_with_completion_sorted_and_searched(visit, tmp_path: Path) -> None:
    data = make_pictures()
    with served(make_workspace(tmp_path, data, judged(data))) as address:
        page = visit(f"{address}/browse")
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
        expect(page.locator(".problem")).to_contain_text("there is no column labell; the nearest is label")
        assert not page.problems
        page.reload()
        expect(page.locator("#words")).to_have_value("-2")


def test_examples_are_labelled_while_browsing(visit, tmp_path: Path) -> None:
    with served(make_workspace(tmp_path)) as address:
        page = visit(f"{address}/browse")
        expect(page.locator(".cell").first).to_be_visible()
        page.keyboard.press("j")
        expect(page.locator("#panel .example")).to_have_attribute("data-row", "0")
        await_seen(page)
        page.keyboard.press("1")
        expect(page.locator("#panel .example")).to_have_attribute("data-row", "1")
        expect(page.locator("#cell-0 .mark-relabel")).to_be_visible()
        page.keyboard.press("z")
        expect(page.locator("#panel .example")).to_have_attribute("data-row", "0")
        expect(page.locator("#cell-0 .mark-relabel")).to_have_count(0)
        expect(page.locator("#panel .similar li")).to_have_count(12)
    assert [one[:3] for one in decided(tmp_path)] == [("picture-0", "relabel", "dog"), ("picture-0", "undo", None)]


def many_pictures(n: int) -> Data:
    inputs = torch.arange(n).to(torch.uint8).view(n, 1, 1, 1).expand(n, 1, 8, 8)
    specification = Specification(
        "classification", (1, 8, 8), Normalization((127.0,), (74.0,)), ArrayEncoder((1, 8, 8)), ("even", "odd")
    )
    ids = tuple(f"picture-{number}" for number in range(n))
    empty = Split(inputs[:0], torch.zeros(0, dtype=torch.int64), ())
    return Data("many", specification, Split(inputs, torch.arange(n) % 2, ids), empty, empty)


def test_of_100_000_images_only_those_in_view_are_in_the_document(visit, tmp_path: Path) -> None:
    with served(make_workspace(tmp_path, many_pictures(100_000))) as address:
        page = visit(f"{address}/browse")
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
def test_axe_finds_nothing_serious(visit, tmp_path: Path, path: str, dark: bool) -> None:
    import polars as pl
    from axe_playwright_python.sync_playwright import Axe

    data = make_pictures()
    groups = pl.Series("duplicate_group", [None] * 4 + [3] + [None] * 53 + [3, None], dtype=pl.Int64)
    with served(make_workspace(tmp_path, data, judged(data).with_columns(groups))) as address:
        page = visit(address + path, dark=dark)
        for key in ("j", "u"):
            page.keyboard.press(key)
            page.wait_for_load_state("networkidle")
            await_seen(page)
        expect(page.locator("#saved")).to_contain_text("unsure")
        found = Axe().run(page).response["violations"]
    serious = [(one["id"], one["nodes"][0]["html"][:200]) for one in found if one["impact"] in ("serious", "critical")]
    assert not serious


def test_the_keys_are_shown_and_the_theme_is_switched_and_kept(visit, tmp_path: Path) -> None:
    with served(make_workspace(tmp_path)) as address:
        page = visit(f"{address}/browse")
        page.keyboard.press("?")
        expect(page.locator("#keys")).to_be_visible()
        page.keyboard.press("u")
        assert decided(tmp_path) == [], "keys decide nothing while they are explained"
        page.keyboard.press("Escape")
        expect(page.locator("#keys")).to_be_hidden()
        light = page.evaluate("getComputedStyle(document.body).backgroundColor")
        page.click("#theme")
        dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert light != dark
        page.reload()
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark


@pytest.mark.parametrize("path", ["/browse", "/review", "/duplicates"])
def test_nothing_is_wider_than_a_narrow_window(visit, tmp_path: Path, path: str) -> None:
    data = make_pictures()
    with served(make_workspace(tmp_path, data, judged(data))) as address:
        page = visit(address + path, width=800)
        page.keyboard.press("j")
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= 800
        assert page.evaluate("document.querySelector('main').scrollWidth") <= 800


def test_a_page_that_came_too_early_shows_itself_once_the_data_is_read(visit, tmp_path: Path) -> None:
    from assay.ui.asked import Asked
    from assay.ui.workspace import Workspace

    ready = make_workspace(tmp_path)
    workspace = Workspace(Asked("pictures"))
    with served(workspace) as address:
        page = visit(f"{address}/browse")
        expect(page.locator("h1")).to_have_text("Reading pictures")
        for name in ("journal", "thumbnails", "views", "similar", "subject", "reading"):
            setattr(workspace, name, getattr(ready, name))
        expect(page.locator(".total")).to_have_text("60 examples")
