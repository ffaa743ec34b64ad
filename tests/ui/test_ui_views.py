"""Rows by condition, words and order."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from page_support import make_pictures, make_workspace

from assay.errors import InputError
from assay.ui.example_rows import add_audit, list_examples
from assay.ui.not_there import NotThereError
from assay.ui.subject import Subject
from assay.ui.views import Wish, choose_rows, with_decisions


def test_a_condition_in_sql_is_that_of_the_audit(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path)
    assert workspace.rows(Wish(where="label = 'cat' AND row < 10")).tolist() == [0, 3, 6, 9]
    with pytest.raises(InputError, match="there is no column labell; the nearest is label"):
        workspace.rows(Wish(where="labell = 'cat'"))


def test_every_word_searched_for_is_in_the_id_or_the_label_in_any_case(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path)
    assert workspace.rows(Wish(words="CAT -1")).tolist() == [12, 15, 18]
    assert workspace.rows(Wish(words=".*")).tolist() == [], "a word is no pattern"


def test_sorting_keeps_what_is_empty_or_no_number_last_both_ways() -> None:
    table = pl.DataFrame({"row": [0, 1, 2, 3], "value": [2.0, None, float("nan"), 1.0]})
    assert choose_rows(table, Wish(sort="value")).tolist() == [3, 0, 1, 2]
    assert choose_rows(table, Wish(sort="value", descending=True)).tolist() == [0, 3, 1, 2]


def test_a_column_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="sort must be a column, got 'beauty'"):
        make_workspace(tmp_path).rows(Wish(sort="beauty"))


def test_decisions_are_columns_to_filter_by(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path)
    subject, journal = workspace.ready()
    journal.decide("picture-1", "drop", reviewer="anna")
    journal.decide("picture-2", "relabel", reviewer="anna", label="dog")
    journal.decide("picture-2", "keep", reviewer="ben")
    assert workspace.rows(Wish(where="decision = 'drop'")).tolist() == [1]
    assert workspace.rows(Wish(where="decision = 'conflict' AND reviewers LIKE '%ben%'")).tolist() == [2]
    assert with_decisions(subject, journal.read())["decided_label"].to_list()[:3] == [None, None, None]


def test_rows_of_a_moment_stay_as_they_were_when_something_is_decided(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path)
    _, journal = workspace.ready()
    wish, moment = Wish(where="decision IS NULL"), journal.read().version
    before = workspace.rows(wish, moment)
    journal.decide("picture-1", "drop", reviewer="anna")
    assert workspace.rows(wish, moment) is before
    assert len(workspace.rows(wish)) == len(before) - 1


def test_an_audit_that_lacks_rows_and_has_another_order_is_joined_by_split_and_id() -> None:
    examples = list_examples(make_pictures(12))
    audit = examples.select("id", "split").with_columns(value=pl.col("id").str.slice(8).cast(pl.Int64) * 10)
    joined = add_audit(examples, audit.reverse().head(6))
    assert joined["row"].to_list() == list(range(12))
    assert joined["value"].to_list() == [None] * 6 + [60, 70, 80, 90, 100, 110]


def test_ids_that_repeat_are_told_apart_by_their_order() -> None:
    examples = pl.DataFrame({"row": [0, 1, 2], "id": ["a", "a", "b"], "split": ["train"] * 3, "label": ["x", "y", "z"]})
    audit = pl.DataFrame({"id": ["a", "b", "a"], "split": ["train"] * 3, "value": [1, 2, 3]})
    assert add_audit(examples, audit)["value"].to_list() == [1, 3, 2]


def test_a_table_of_another_source_is_refused() -> None:
    examples = list_examples(make_pictures(12))
    other = pl.DataFrame({"id": ["x"], "split": ["train"], "value": [1]})
    with pytest.raises(InputError, match="knows none of these 12 examples; is it of another source"):
        add_audit(examples, other)
    with pytest.raises(InputError, match="must be a table of an audit with columns id and split, lacks 'split'"):
        add_audit(examples, other.drop("split"))


def test_a_row_is_found_in_its_split() -> None:
    data = make_pictures(12)
    subject = Subject(data, list_examples(data))
    assert [subject.place(row) for row in (0, 7, 8, 9, 10, 11)] == [
        ("train", 0), ("train", 7), ("validation", 0), ("validation", 1), ("test", 0), ("test", 1)
    ]  # fmt: skip
    assert [subject.id(row) for row in range(12)] == subject.table["id"].to_list()
    with pytest.raises(NotThereError, match="row must be from 0 to 11, got 12"):
        subject.place(12)
