"""Decisions about ids that no example has are counted and named on the page, as in the terminal."""

from __future__ import annotations

import html
import json
from pathlib import Path

import pytest
from page_support import make_workspace
from starlette.testclient import TestClient

from assay.audit.decisions import append_decision, decide
from assay.ui.app import make_app


def client_of(folder: Path, *ids: str) -> TestClient:
    for id in ids:
        append_decision(folder / "decisions.jsonl", decide(id, "keep", reviewer="ben"))
    return TestClient(make_app(make_workspace(folder)), base_url="http://localhost")


@pytest.mark.parametrize("path", ["/overview", "/review", "/review/card"])
def test_they_are_counted_and_the_first_are_named(tmp_path: Path, path: str) -> None:
    ids = ("picture-3", *(f"photo-{n}" for n in range(5)), "photo-0")
    text = html.unescape(client_of(tmp_path, *ids).get(path).text)
    assert (
        "6 decisions are about ids that no example of pictures has: 'photo-0', 'photo-1', 'photo-2' and 2 more" in text
    )
    assert "the first is line 2" in text
    assert "<code>assay run --decisions</code>" in text


def test_one_is_told_as_one(tmp_path: Path) -> None:
    text = html.unescape(client_of(tmp_path, "<b>x</b>").get("/review").text)
    assert "1 decision is about an id that no example of pictures has: '<b>x</b>'; the first is line 1." in text


def test_where_all_ids_are_known_nothing_is_said(tmp_path: Path) -> None:
    client = client_of(tmp_path, "picture-3")
    for path in ("/overview", "/review"):
        assert "no example of pictures has" not in client.get(path).text
    line = json.loads((tmp_path / "decisions.jsonl").read_text())
    assert line["id"] == "picture-3"
