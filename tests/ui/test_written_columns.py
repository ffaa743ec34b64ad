"""What no network reads is on the page all the same: texts, dates, names and groups are filtered, searched and told."""

from __future__ import annotations

import csv
import html
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from page_support import client_of, make_workspace

from assay.data.open import open_data
from assay.ui.asked import Asked
from assay.ui.condition import complete
from assay.ui.opening import open_subject
from assay.ui.subject import Subject
from assay.ui.views import Wish, choose_rows

HEAD = ["review", "date", "seen", "stars", "city", "score", "who", "label"]
ROWS = 120


def row(n: int) -> list[object]:
    text = f"An awful film that never ends, {n}" if n % 10 == 0 else f"A fine story about the number {n}"
    day = date(2024, 1, 1) + timedelta(days=2 * n)
    return [text if n else "", day, n % 2 == 0, n % 5, ("Bern", "Rom")[n % 2], f"A{n:03}", f"p{n // 4}", "ab"[n % 2]]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    with (tmp_path / "reviews.csv").open("w", newline="") as file:
        csv.writer(file).writerows([HEAD, *map(row, range(ROWS))])
    return tmp_path / "reviews.csv"


@pytest.fixture
def subject(source: Path) -> Subject:
    return next(open_subject(Asked(str(source), target="label", group="who"), None))


def found(subject: Subject, *, where: str = "", words: str = "") -> set[str]:
    rows = choose_rows(subject.table, Wish(where, words), subject.searched)
    return {subject.id(number) for number in rows.tolist()}


def test_texts_dates_names_and_groups_are_filtered_by(subject: Subject) -> None:
    assert found(subject, where="review LIKE '%awful%'") == {f"row {n + 1}" for n in range(10, ROWS, 10)}
    assert found(subject, where="review IS NULL") == {"row 1"}
    late = {f"row {n + 1}" for n in range(ROWS) if str(row(n)[1]) > "2024-06-01"}
    assert found(subject, where="date > '2024-06-01'") == late
    assert found(subject, where="score_value = 'A007'") == {"row 8"}, "an audit calls a column of its own so"
    assert found(subject, where="who = 'p3'") == {f"row {n + 1}" for n in range(12, 16)}


def test_a_column_of_true_and_false_is_a_condition(subject: Subject) -> None:
    even = {f"row {n + 1}" for n in range(0, ROWS, 2)}
    assert found(subject, where="seen") == even
    assert found(subject, where="NOT seen AND city = 'Bern'") == set()
    assert [one.text for one in complete(subject.table, "seen ")][:2] == ["AND", "OR"]


def test_words_are_searched_in_all_that_is_written(subject: Subject) -> None:
    assert len(found(subject, words="AWFUL")) == ROWS // 10 - 1
    assert found(subject, words="2024-01-03") == {"row 2"}
    assert len(found(subject, words="rom number")) == ROWS // 2


def test_the_page_tells_them_and_says_what_is_searched(source: Path, subject: Subject, tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path, subject.data, place=str(source))
    workspace.subject = subject
    client = client_of(workspace)
    page = html.unescape(client.get(f"/browse/example/{subject.row_of['row 8']}").text)
    assert "A fine story about the number 7" in page
    assert page.count("A fine story") == 1, "a text is told once"
    assert "2024-01-15" in page
    assert '<th scope="row">seen</th><td>no</td>' in page
    assert 'placeholder="id, label or words"' in client.get("/browse").text


def test_whole_texts_are_not_proposed(subject: Subject) -> None:
    long = subject.table.with_columns(review=pl.lit("word " * 100))
    assert complete(long, "review = ") == []
    assert [one.text for one in complete(subject.table, "city = ")] == ["'Bern'", "'Rom'"]


def test_the_audit_that_comes_later_keeps_them(source: Path) -> None:
    asked = Asked(str(source), target="label", budget_seconds=10.0)
    *_, last = open_subject(asked, None)
    assert last.texts == ("review",)
    assert len(found(last, where="review LIKE '%awful%' AND date < '2024-06-01'")) == 7


def test_of_other_sources_there_is_nothing_to_add(tmp_path: Path) -> None:
    first = next(open_subject(Asked("digits"), None))
    assert first.texts == first.others == ()
    assert first.searched == ("id", "label")


def test_a_run_that_only_reads_what_it_trains_on_shows_texts_too(source: Path, tmp_path: Path) -> None:
    data = open_data(source, target="label")
    assert data.texts is not None
    first = next(open_subject(Asked(str(source), target="label"), tmp_path))
    assert len(found(first, where="review LIKE '%awful%'")) == ROWS // 10 - 1
