"""What an inspection says of a column of text, read from a file as a user gives it."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from assay.audit.audit import Audit
from assay.audit.inspect import inspect
from assay.data.open import open_data
from assay.errors import InputError
from assay.figure import Table
from assay.finding import Finding

Row = list[str]
IDS = ("text_statistics", "empty_texts", "odd_texts", "repeated_texts", "duplicates", "conflicting_labels")


@pytest.fixture
def audit_of(tmp_path: Path) -> Callable[..., Audit]:
    """The inspection of 120 reviews of 6 to 20 random words, after a change of the rows."""

    def build(change: Callable[[list[Row]], object] = lambda rows: None, *, extra: bool = False) -> Audit:
        draw = random.Random(409)
        words = [f"word{number}" for number in range(300)]
        rows = [[" ".join(draw.choices(words, k=draw.randint(6, 20))), ("good", "bad")[n % 2]] for n in range(120)]
        change(rows)
        path = tmp_path / "reviews.csv"
        with path.open("w", newline="") as file:
            head = ["review", "label", "stars"] if extra else ["review", "label"]
            csv.writer(file).writerows([head, *([*row, "3"] if extra else row for row in rows)])
        return inspect(open_data(path, target="label", tolerant=True), budget_seconds=5)

    return build


def found(audit: Audit) -> dict[str, Finding]:
    return {finding.id: finding for finding in audit.findings if finding.id in IDS}


def test_healthy_texts_are_described_and_no_more(audit_of) -> None:
    audit = audit_of()
    told = found(audit)
    assert set(told) == {"text_statistics", "duplicates"}
    assert audit.ok
    evidence = told["text_statistics"].evidence
    assert (evidence["words"][0], evidence["words"][-1]) == (6, 20)
    assert 0 < evidence["unknown"] < evidence["of"]


def test_the_table_counts_words(audit_of) -> None:
    def change(rows: list[Row]) -> None:
        rows[4][0] = "It's the 2nd time, really - zyzzyva zyzzyva!"

    table = audit_of(change).table
    row = table.row(table["id"].to_list().index("row 5"), named=True)
    in_training = row["split"] == "train"
    assert (row["review_characters"], row["review_words"]) == (44, 7)
    assert row["review_unknown_words"] == (0 if in_training else 7)


def test_a_text_without_a_word(audit_of) -> None:
    def change(rows: list[Row]) -> None:
        rows[7][0], rows[8][0] = "", "..."

    assert found(audit_of(change))["empty_texts"].evidence["ids"] == ["row 8", "row 9"]


def test_an_odd_length(audit_of) -> None:
    def change(rows: list[Row]) -> None:
        rows[7][0] = rows[7][0] * 100

    assert found(audit_of(change))["odd_texts"].evidence["ids"] == ["row 8"]


def test_repeated_but_for_case_and_spaces(audit_of) -> None:
    def change(rows: list[Row]) -> None:
        for number in range(30):
            rows[60 + number][0] = "  " + rows[number][0].upper().replace(" ", "  ") + "!"

    repeated = found(audit_of(change))["repeated_texts"]
    assert repeated.level == "suspect"
    assert repeated.evidence["count"] == 30
    assert 0 < repeated.evidence["leaked"] < 30


def test_equal_texts_with_two_labels(audit_of) -> None:
    def change(rows: list[Row]) -> None:
        rows[3][0] = rows[2][0]

    assert found(audit_of(change))["conflicting_labels"].level == "proved"


def test_short_texts_may_be_equal_by_chance(audit_of) -> None:
    """`Looks good` is said by many; a long text by one."""

    def change(rows: list[Row]) -> None:
        for number in range(40):
            rows[number][0] = f"looks good {'so' if number % 4 < 2 else 'too'}"

    findings = {finding.id: finding for finding in audit_of(change).findings}
    assert findings["train_validation_duplicates"].level == "note"
    assert findings["conflicting_labels"].level == "note"


def test_the_table_has_no_number_that_is_no_measure(audit_of) -> None:
    assert not {"mean", "low", "high"} & set(audit_of().table.columns)


def test_examples_are_shown_by_how_their_texts_begin(audit_of) -> None:
    (shown,) = [finding for finding in audit_of(extra=True).findings if finding.id == "examples"]
    (table,) = shown.figures
    assert isinstance(table, Table)
    assert table.columns == ("id", "target", "review", "stars")
    assert all(row[2].startswith("word") and row[3] == "3" for row in table.rows)


def test_texts_that_differ_make_rows_that_differ(audit_of) -> None:
    """Beside a column in which all rows are equal."""
    assert "conflicting_labels" not in found(audit_of(extra=True))


def test_phrases_that_repeat_are_categories_as_in_a_training(audit_of) -> None:
    def change(rows: list[Row]) -> None:
        for number, row in enumerate(rows):
            row[0] = f"Vice President of Department {number % 40}"

    assert "text_statistics" not in found(audit_of(change))


def test_short_names_are_no_text(audit_of) -> None:
    def change(rows: list[Row]) -> None:
        for number, row in enumerate(rows):
            row[0] = f"Name Surname {number % 40}"

    assert "text_statistics" not in found(audit_of(change))


def test_a_training_says_why_it_reads_no_text(tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv"
    rows = "\n".join(f"this is review number {n},{'good' if n % 2 else 'bad'}" for n in range(60))
    path.write_text(f"review,label\n{rows}\n")
    with pytest.raises(InputError, match="running text, which no network here reads"):
        open_data(path, target="label")


def test_the_texts_themselves_are_the_first_column_of_their_table(audit_of) -> None:
    (table,) = [figure for figure in found(audit_of())["text_statistics"].figures if isinstance(figure, Table)]
    assert table.columns[0] == "text"
    assert all("word" in row[0] for row in table.rows)
