"""Escape in the filter closes what is proposed, also what is still on its way, and Enter sends the condition."""

from __future__ import annotations

from pathlib import Path

import pytest
from page_support import await_seen, decided, make_workspace, served

pytestmark = [pytest.mark.browser]
expect = pytest.importorskip("playwright.sync_api").expect


@pytest.mark.parametrize("is_there", [False, True], ids=["before the list is there", "once it is there, twice"])
def test_escape_and_enter_in_the_filter_send_it_and_decide_nothing(visit, tmp_path: Path, is_there: bool) -> None:
    with served(make_workspace(tmp_path)) as address:
        page = visit(f"{address}/browse")
        if not is_there:
            page.route("**/browse/complete*", lambda route: None)
        page.keyboard.press("j")
        await_seen(page)
        page.keyboard.press("/")
        page.keyboard.type("label = 'dog'")
        if is_there:
            page.keyboard.type(" ")
            expect(page.locator("#where-options li").first).to_be_visible()
            page.keyboard.press("Escape")
            expect(page.locator("#where-options")).to_be_hidden()
        page.keyboard.press("Escape")
        expect(page.locator("#where")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator(".total")).to_have_text("20 of 60 examples")
        assert decided(tmp_path) == []
        page.keyboard.press("Escape")
        expect(page.locator("#where")).not_to_be_focused()
        page.keyboard.press("j")
        expect(page.locator("#panel .example")).to_have_attribute("data-row", "1")
        await_seen(page)
        page.keyboard.press("d")
        expect(page.locator("#saved")).to_contain_text("dropped")
    assert [one[:2] for one in decided(tmp_path)] == [("picture-1", "drop")]
