"""Texts and cells themselves wherever an example is told: alike, in findings, where person and label differ."""

from __future__ import annotations

import csv
import html
import re
from dataclasses import replace
from pathlib import Path

import page_support
import polars as pl
import pytest
from page_support import draw_of, make_workspace
from run_support import await_rivals
from starlette.testclient import TestClient

from assay.audit.inspect import inspect
from assay.data.data import Data
from assay.data.open import open_data
from assay.finding import Finding
from assay.ui.example_rows import add_audit, add_features, list_examples, senseless
from assay.ui.similar import Similar
from assay.ui.subject import Subject
from assay.ui.summary import describe
from assay.ui.told_texts import passages_below

WORDS = ("river", "meadow", "harbour", "orchard", "glacier")


def said(n: int) -> str:
    """Five kinds of text by one rare word each; lengths go another way than the words."""
    return f"They walked to the {WORDS[n % 5]} at {n}" + " and went on" * (n // 5 % 4)


@pytest.fixture
def texts(tmp_path: Path) -> Data:
    path = tmp_path / "texts.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([["said", "label"], *([said(n), "ab"[n % 2]] for n in range(80))])
    return open_data(path, target="label", tolerant=True)


@pytest.fixture
def table(tmp_path: Path) -> Data:
    path = tmp_path / "wine.csv"
    rows = [f"{n},{'cork' if n % 4 else 'screw'},{'red' if n % 2 else 'white'}" for n in range(1, 61)]
    path.write_text("\n".join(["strength,closure,kind", *rows]))
    return open_data(path, target="kind")


def client_of(folder: Path, data: Data) -> TestClient:
    """As the page stands once the audit is there."""
    examples, features = add_features(list_examples(data), data)
    audit = inspect(data, budget_seconds=20)
    workspace = make_workspace(folder, data, add_audit(examples, audit.table, left_out=senseless(data)))
    assert workspace.subject is not None
    workspace.subject = replace(workspace.subject, features=features, report=audit.report)
    return page_support.client_of(workspace)


def names_in(page: str) -> list[str]:
    """What the tables of an example call their lines."""
    return re.findall(r'<th scope="row">([^<]+)</th>', page.replace("<wbr>", ""))


def test_texts_that_share_rare_words_are_alike_whatever_their_length(texts: Data) -> None:
    subject = Subject(texts, list_examples(texts))
    similar = Similar(subject)
    similar.make()
    assert (similar.state, similar.problem) == ("ready", "")
    assert sorted(similar.rows.tolist()) == list(range(80))
    for row in (0, 41, 79):
        word = next(word for word in WORDS if word in said(int(subject.id(row).split()[1]) - 1))
        found = similar.nearest(row, 5)
        assert row not in [other for other, _ in found]
        assert all(word in said(int(subject.id(other).split()[1]) - 1) for other, _ in found)
        assert all(0 < value <= 1.0001 for _, value in found)


def test_of_texts_the_lengths_are_told_and_no_mean_over_them(texts: Data, tmp_path: Path) -> None:
    client = client_of(tmp_path, texts)
    known = names_in(client.get("/browse/example/0").text)
    assert {"said_characters", "said_words"} <= set(known)
    assert not {"digest", "mean", "low", "high"} & set(known)
    page = client.get("/browse").text
    assert '<span class="number" title="words">words</span>' in page
    assert "<option>mean</option>" not in page
    cell = client.get("/browse/cells?count=1").text
    (row,) = re.findall(r">row (\d+)<", cell)
    assert f'<span class="number">{len(said(int(row) - 1).split())}</span>' in cell


def test_of_a_table_no_mean_over_columns_of_unlike_units_is_told(table: Data, tmp_path: Path) -> None:
    known = names_in(client_of(tmp_path, table).get("/browse/example/0").text)
    assert {"strength", "closure"} <= set(known)
    assert not {"digest", "mean", "low", "high"} & set(known)


def test_findings_on_texts_show_how_they_begin(texts: Data) -> None:
    odd = Finding("odd_texts", "note", "", {"ids": ["row 1", "row 2", "row 3", "row 4", "row 9999"]})
    told = html.unescape(str(passages_below(odd, texts)))
    assert [f"row {n + 1}" in told and said(n) in told for n in range(4)] == [True, True, True, False]
    drawn = Finding("examples", "note", "", {"ids": ["row 1"]})
    assert str(passages_below(drawn, texts)) == "", "tells its texts itself"


def test_below_findings_on_a_table_stands_nothing(table: Data) -> None:
    assert str(passages_below(Finding("outliers", "note", "", {"ids": ["row 1"]}), table)) == ""


def test_texts_are_not_called_a_table_of_numbers(texts: Data, table: Data) -> None:
    assert describe(texts)[2] == "texts"
    assert describe(table)[2] == "a table of 2 columns"


def answer_wrongly(client: TestClient) -> str:
    """One question that nobody could get right by chance alone: all of them the same."""
    client.post("/human/begin", data={"name": "anna", "questions": "6", "split": "validation"})
    page = client.get("/human/quiz").text
    first = re.findall(r'name="pick" value="(\w+)"', page)[0]
    for number in range(6):
        sent = {"question": str(number), "person": "anna", "seconds": "1", "pick": first, "draw": draw_of(client)}
        client.post("/human/answer", data=sent)
    text = html.unescape(client.get("/human/result?anyway=1").text)
    await_rivals()
    return text[text.index('class="differ"') :]


def test_where_person_and_label_differ_the_text_is_shown(texts: Data, tmp_path: Path) -> None:
    differ = answer_wrongly(client_of(tmp_path, texts))
    assert "They walked to the" in differ
    assert "(words)" not in differ
    assert re.search(r"<td><b>a</b></td><td><a href=\"/browse\?where=id[^\"]+\">b</a></td>", differ)


def test_where_person_and_label_differ_the_cells_are_shown(table: Data, tmp_path: Path) -> None:
    differ = answer_wrongly(client_of(tmp_path, table))
    assert '<th scope="col" class="number">strength</th><th scope="col" class="number">closure</th>' in differ
    assert re.search(r'<td class="number">\d+</td><td class="number">(cork|screw)</td></tr>', differ)
    assert '<th scope="col">text</th>' not in differ


def test_a_table_of_an_audit_may_lack_what_is_left_out(table: Data) -> None:
    examples = list_examples(table)
    audit = examples.select("id", "split").with_columns(mean=pl.lit(1.0), score=pl.lit(2.0))
    joined = add_audit(examples, audit, left_out=("mean", "low"))
    assert "mean" not in joined.columns
    assert joined["score"].to_list() == [2.0] * len(examples)
