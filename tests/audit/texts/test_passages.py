"""Texts as people are shown them: whole or shortened with a word on it, and harmless to terminal and page."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from assay.audit.columns import _spans
from assay.audit.quiz.row_text import read_row
from assay.audit.texts.passages import beginning_of, passages_of, stand_ins_of
from assay.data.data import Data
from assay.data.open import open_data

ESCAPING = "Four words and an \x1b[31mescape\x1b[0m, \u202eturned\u202c round\r\nand a second line"


@pytest.fixture
def data(tmp_path: Path) -> Data:
    """40 rows of a text, a number and a label; the first texts are strange."""
    texts = [ESCAPING, "A long one. " * 800, "", *(f"This is text number {n} of many" for n in range(37))]
    path = tmp_path / "texts.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([["said", "stars", "label"], *([t, n, "ab"[n % 2]] for n, t in enumerate(texts))])
    return open_data(path, target="label", tolerant=True)


def test_a_text_is_shown_whole_under_the_name_of_its_column(data: Data) -> None:
    (passage,) = passages_of(data, "row 4")
    assert (passage.name, passage.text, passage.note) == ("said", "This is text number 0 of many", "")


def test_a_long_text_is_shortened_and_an_empty_one_said_to_be(data: Data) -> None:
    (long,), (empty,) = passages_of(data, "row 2"), passages_of(data, "row 3")
    assert (len(long.text), long.note) == (4000, "The first 4,000 of 9,599 characters.")
    assert (empty.text, empty.note) == ("", "There is no text.")


def test_what_steers_a_terminal_or_turns_writing_is_replaced(data: Data) -> None:
    (passage,) = passages_of(data, "row 1")
    assert passage.text == "Four words and an �[31mescape�[0m, �turned� round\nand a second line"


def test_the_beginning_is_one_line(data: Data) -> None:
    assert beginning_of(data, "row 4", 12) == "This is text…"
    assert "\n" not in beginning_of(data, "row 1", 200)


def test_no_number_in_the_place_of_a_text_is_told(data: Data) -> None:
    assert stand_ins_of(data) == {"said (characters)", "said (words)"}
    told = read_row(data.specification, data.validation.inputs[0], stand_ins_of(data))  # type: ignore[index]
    assert [name for name, _ in told] == ["stars"]


def test_no_digest_of_a_text_is_among_the_inputs(data: Data) -> None:
    assert {name for name, _, _ in _spans(data)} == {"said (characters)", "said (words)", "stars"}
    assert data.specification.input_shape == (3,)


def test_a_training_keeps_the_texts_but_not_their_lengths(tmp_path: Path, data: Data) -> None:
    """So that an inspection inside a run looks at them, too."""
    trained = open_data(tmp_path / "texts.csv", target="label")
    assert trained.texts is not None
    assert data.texts is not None
    assert trained.texts.of("row 4") == data.texts.of("row 4")
    assert not trained.texts.stand_ins
    assert trained.specification.input_shape == (1,)
    assert trained.fingerprint != replace(trained, texts=None).fingerprint
