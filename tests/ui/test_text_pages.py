"""Texts on the page: the words themselves where a person judges, and no number in their place."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from page_support import client_of, make_workspace
from run_support import await_rivals
from starlette.testclient import TestClient

from assay.data.open import open_data
from assay.ui.example_rows import add_features, list_examples


@pytest.fixture
def client(tmp_path: Path) -> TestClient:
    path = tmp_path / "texts.csv"
    with path.open("w", newline="") as file:
        rows = [[f"A film of <b>number</b> {n} is told", "ab"[n % 2]] for n in range(60)]
        csv.writer(file).writerows([["said", "label"], *rows])
    data = open_data(path, target="label", tolerant=True)
    table, features = add_features(list_examples(data), data)
    assert features == ()
    return client_of(make_workspace(tmp_path, data, table, target="label", seed=3))


@pytest.mark.parametrize(
    "address", ["/review?row=0", "/browse/cells", "/browse/example/0", "/duplicates/card", "/human/quiz"]
)
def test_the_words_are_shown_escaped_and_no_number_for_them(client: TestClient, address: str) -> None:
    if address.startswith("/human"):
        client.post("/human/begin", data={"name": "anna", "questions": "5", "split": "validation"})
    text = client.get(address).text
    assert "digest" not in text
    assert "(characters)" not in text
    if not address.startswith("/duplicates"):
        assert "A film of &lt;b&gt;number&lt;/b&gt;" in text
    await_rivals()


def test_the_grid_has_a_line_for_each_text(client: TestClient) -> None:
    assert "<span>text</span>" in client.get("/browse").text


def test_the_next_command_has_the_options_the_page_was_opened_with(client: TestClient) -> None:
    assert "<code>assay clean texts --target label --seed 3</code>" in client.get("/review?row=0").text


def test_a_table_of_texts_alone_has_no_columns_for_numbers(client: TestClient) -> None:
    assert "lined worded bare" in client.get("/browse").text
