"""What cannot be answered is told in a sentence, on a page with its tabs, and never as JSON."""

from __future__ import annotations

import html
from pathlib import Path

import pytest
from page_support import client_of, make_workspace
from starlette.testclient import TestClient

from assay.ui.asked import Asked
from assay.ui.entrance import Entrance
from assay.ui.workspace import Workspace


@pytest.fixture
def entrance() -> TestClient:
    """A server whose tabs are not even imported."""
    return TestClient(Entrance(Workspace(Asked("pictures"))), base_url="http://localhost")


@pytest.mark.parametrize("address", ["/review/decide", "/browse/undo", "/human/answer"])
def test_a_decision_just_after_a_restart_is_not_taken_and_that_is_said(entrance: TestClient, address: str) -> None:
    answer = entrance.post(address, data={"row": "0", "action": "keep"})
    assert (answer.status_code, answer.text) == (503, "the data is being read: nothing was saved, say it again")


def test_a_piece_asked_for_while_the_data_is_read_makes_its_page_show_that(entrance: TestClient) -> None:
    answer = entrance.get("/review/card?row=1", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["hx-refresh"]) == (503, "true")
    assert "Reading pictures" in entrance.get("/review").text


def test_an_address_that_is_none_is_a_page_with_the_tabs(tmp_path: Path) -> None:
    answer = client_of(make_workspace(tmp_path)).get("/reviews/<b>")
    assert answer.status_code == 404
    assert "there is nothing at /reviews/<b>; choose one of the tabs" in html.unescape(answer.text)
    assert '<nav aria-label="Tabs">' in answer.text
    assert "detail" not in answer.text


def test_what_an_address_does_not_take_is_said(tmp_path: Path) -> None:
    client = client_of(make_workspace(tmp_path))
    assert client.post("/browse").text == "/browse takes no POST: nothing was saved; reload the page"
    assert "cannot be answered (row: input should be a valid integer" in client.get("/browse/example/x").text
    told = client.post("/browse/decide", data={"row": "0"})
    assert told.text == "/browse/decide cannot be answered (id: field required); reload the page"


def test_a_mistake_in_a_tab_is_no_address_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def describe_example(*_: object) -> dict[str, object]:
        return {}["split"]

    client = client_of(make_workspace(tmp_path), raise_server_exceptions=False)
    monkeypatch.setattr("assay.ui.tabs.browse.describe_example", describe_example)
    answer = client.get("/browse/example/0")
    assert (answer.status_code, answer.text) == (500, "Internal Server Error")


def test_a_row_that_does_not_exist_is_said(tmp_path: Path) -> None:
    answer = client_of(make_workspace(tmp_path)).get("/browse/example/60", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.text) == (
        404, "row must be from 0 to 59, got 60; reload the page, as the data may be another"
    )  # fmt: skip
