"""The start of the human baseline offers as many questions as the chosen split has."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from page_support import make_pictures, make_workspace, served
from starlette.testclient import TestClient

from assay.ui.app import make_app


def test_what_is_offered_is_of_the_split_that_is_chosen(tmp_path: Path) -> None:
    data = make_pictures(300)
    client = TestClient(make_app(make_workspace(tmp_path, data)), base_url="http://localhost")
    page = html.unescape(client.get("/human").text)
    assert len(data.validation) == 50
    field = re.findall(r'<input id="questions"[^>]*>', page)[0]
    assert 'max="50" value="50"' in field
    assert '<span id="minutes">4</span> min at 4 s each' in page
    assert 'value="test" data-count="50"' in page


@pytest.mark.browser
def test_the_number_and_the_minutes_follow_what_is_wished_for(visit, tmp_path: Path) -> None:
    from playwright.sync_api import expect

    data = make_pictures(600)
    short = replace(data, validation=data.validation.select(torch.arange(48)))
    with served(make_workspace(tmp_path, short)) as address:
        page = visit(f"{address}/human")
        questions, minutes = page.locator("#questions"), page.locator("#minutes")
        expect(questions).to_have_value("48")
        page.get_by_label("test").check()
        expect(questions).to_have_value("100")
        expect(minutes).to_have_text("7")
        questions.fill("15")
        expect(minutes).to_have_text("1")
