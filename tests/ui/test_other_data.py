"""A page that outlives its server, or meets another one at the same address, decides nothing about other data."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from page_support import await_seen, client_of, decided, draw_of, judged, make_pictures, make_workspace, served
from run_support import await_rivals
from starlette.testclient import TestClient

from assay.audit.quiz import read_answers
from assay.data.data import Data
from assay.ui.same_data import HEADER, OTHER
from assay.ui.subject import Subject
from assay.ui.workspace import Workspace


def without_the_first(data: Data) -> Data:
    """The same source once one of its pictures was deleted."""
    kept = torch.arange(1, len(data.train))
    return replace(data, train=data.train.select(kept))


def page_of(folder: Path, data: Data) -> Workspace:
    import polars as pl

    groups = pl.Series("duplicate_group", [1, 1, 2, 2] + [None] * (len(judged(data)) - 4), dtype=pl.Int64)
    return make_workspace(folder, data, judged(data).with_columns(groups))


@pytest.fixture
def old_tab(tmp_path: Path) -> TestClient:
    """A browser whose page is of the data before; the server reads it anew."""
    page = client_of(page_of(tmp_path, make_pictures()))
    now = client_of(page_of(tmp_path, without_the_first(make_pictures())))
    assert now.headers[HEADER] != page.headers[HEADER]
    now.headers[HEADER] = page.headers[HEADER]
    return now


@pytest.mark.parametrize("tab", ["browse", "review", "duplicates"])
def test_a_decision_of_an_old_tab_is_refused_in_words(old_tab: TestClient, tab: str, tmp_path: Path) -> None:
    said = {"row": "0", "id": "picture-0", "action": "drop"}
    answer = old_tab.post(f"/{tab}/decide", data=said)
    assert (answer.status_code, answer.text) == (409, OTHER)
    assert decided(tmp_path) == []


@pytest.mark.parametrize("tab", ["browse", "review", "duplicates"])
def test_an_undo_of_an_old_tab_takes_nothing_back(old_tab: TestClient, tab: str, tmp_path: Path) -> None:
    fresh = client_of(page_of(tmp_path, make_pictures()))
    assert fresh.post("/browse/decide", data={"row": "0", "id": "picture-0", "action": "drop"}).status_code == 200
    assert old_tab.post(f"/{tab}/undo").text == OTHER
    assert [one[1] for one in decided(tmp_path)] == ["drop"]


def test_who_does_not_say_what_is_shown_or_shows_another_example_is_refused(tmp_path: Path) -> None:
    client = client_of(page_of(tmp_path, make_pictures()))
    said = {"row": "0", "id": "picture-1", "action": "keep"}
    assert client.post("/browse/decide", data=said).text == OTHER
    del client.headers[HEADER]
    assert client.post("/browse/decide", data={**said, "id": "picture-0"}).text == OTHER
    assert client.post("/browse/undo").text == OTHER
    assert decided(tmp_path) == []


def test_a_piece_that_an_old_tab_asks_for_makes_it_load_itself_again(old_tab: TestClient) -> None:
    for piece in ("/browse/example/0", "/browse/cells", "/review/card?step=1", "/duplicates/card", "/runs/list"):
        assert old_tab.get(piece).headers["hx-refresh"] == "true"
    del old_tab.headers[HEADER]
    assert old_tab.get("/browse").status_code == 200


def test_the_same_data_read_again_is_the_same(tmp_path: Path) -> None:
    page = client_of(page_of(tmp_path, make_pictures()))
    again = client_of(page_of(tmp_path, make_pictures()))
    assert page.headers[HEADER] == again.headers[HEADER]


def test_what_tells_data_apart() -> None:
    data = make_pictures()
    names = replace(data.specification, classes=("a", "b", "c"))
    labels = replace(data.test, targets=data.test.targets.flip(0))
    pixels = replace(data.test, inputs=data.test.gather(torch.arange(len(data.test))).flip(0))
    moved = replace(data, validation=data.test, test=data.validation)
    others = [replace(data, specification=names), replace(data, test=labels), replace(data, test=pixels), moved,
              replace(data, name="others"), without_the_first(data)]  # fmt: skip
    keys = [Subject(one, judged(data)).key for one in (data, *others)]
    assert len(set(keys)) == len(keys)


def test_an_answer_to_other_questions_is_not_kept(tmp_path: Path) -> None:
    client = client_of(make_workspace(tmp_path, make_pictures()))
    client.post("/human/begin", data={"name": "anna", "questions": "4"})
    sent = {"question": "0", "person": "anna", "seconds": "1", "pick": "cat", "draw": draw_of(client)}
    assert client.post("/human/answer", data={**sent, "draw": "another"}).text == OTHER
    shown = client.headers.pop(HEADER)
    assert client.post("/human/answer", data=sent).text == OTHER
    assert client.post("/human/undo", data={"person": "anna", "draw": draw_of(client)}).text == OTHER
    client.headers[HEADER] = shown
    assert "Question <b>2</b>" in client.post("/human/answer", data=sent).text
    await_rivals()


def test_an_answer_to_other_questions_is_not_taken_back_by_a_tab_of_a_former_draw(tmp_path: Path) -> None:
    client = client_of(make_workspace(tmp_path, make_pictures()))
    client.post("/human/begin", data={"name": "anna", "questions": "4"})
    former = draw_of(client)
    client.post("/human/begin", data={"name": "anna", "questions": "6"})
    now = draw_of(client)
    assert now != former
    sent = {"question": "0", "person": "anna", "seconds": "1", "pick": "cat", "draw": now}
    assert "Question <b>2</b>" in client.post("/human/answer", data=sent).text
    assert client.post("/human/undo", data={"person": "anna", "draw": former}).text == OTHER
    assert [one.action for one in read_answers(tmp_path / "answers.jsonl").answers] == ["answer"]
    assert "Undone" in client.post("/human/undo", data={"person": "anna", "draw": now}).text
    await_rivals()


def test_a_start_of_other_data_settles_no_questions(tmp_path: Path) -> None:
    client = client_of(page_of(tmp_path, make_pictures()))
    # The form is sent without scripts, and so without the header.
    del client.headers[HEADER]
    shown = re.findall(r'name="shown" value="(\w*)"', client.get("/human").text)[0]
    sent, settled = {"name": "anna", "questions": "4", "shown": shown}, tmp_path / "answers.questions.json"
    now = client_of(page_of(tmp_path, without_the_first(make_pictures())))
    del now.headers[HEADER]
    refused = now.post("/human/begin", data=sent)
    assert (refused.status_code, refused.text) == (409, OTHER)
    assert now.post("/human/begin", data={"name": "anna", "questions": "4"}).text == OTHER, "who does not say"
    assert not settled.exists()
    assert "Question <b>1</b>" in client.post("/human/begin", data=sent).text
    assert settled.exists()
    await_rivals()


@pytest.mark.browser
@pytest.mark.parametrize("path", ["/browse", "/review", "/duplicates"])
def test_a_key_in_a_tab_that_outlived_its_server_decides_nothing(visit: Any, tmp_path: Path, path: str) -> None:
    expect = pytest.importorskip("playwright.sync_api").expect
    before = page_of(tmp_path, make_pictures())
    with served(before) as address:
        page = visit(address + path)
        if path == "/browse":
            page.keyboard.press("j")
            # Until then it asks again and again, and would be told.
            expect(page.locator("#similar li")).to_have_count(12)
        await_seen(page)
        now = page_of(tmp_path, without_the_first(make_pictures()))
        for name in ("subject", "journal", "thumbnails", "views", "similar"):
            setattr(before, name, getattr(now, name))
        page.keyboard.press("d")
        expect(page.locator("#trouble")).to_contain_text("other data")
        with page.expect_response("**/undo*") as refused:
            page.keyboard.press("z")
        assert refused.value.status == 409
        page.wait_for_load_state("networkidle")
        assert decided(tmp_path) == []
        # To move on is to see what is there now.
        with page.expect_navigation():
            page.keyboard.press("j")
        if path == "/browse":
            expect(page.locator(".total")).to_contain_text("59")
            page.keyboard.press("j")
        await_seen(page)
        page.keyboard.press("d")
        expect(page.locator("#saved")).to_contain_text("dropped")
    assert [one[:2] for one in decided(tmp_path)] == [("picture-1", "drop")]
