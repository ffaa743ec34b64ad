"""What is wrong with a condition: its cause first, short, with the nearest names, and in no words of the machine."""

from __future__ import annotations

import polars as pl
import pytest

from assay.errors import InputError
from assay.ui.where import rows_where

TABLE = pl.DataFrame(
    {"label": ["cat", "it's"], "brightness": [1.5, 2.0], "brighter": [1, 2], "seen": [True, False], "p x": [0.1, 0.2],
     "review": ["A film of more than forty letters is a long one", "b"],
     **{f"column_{number}": [1, 2] for number in range(40)}}
)  # fmt: skip


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ("brightness <", "the condition ends with <, after which something is missing"),
        ("label = 'cat' and", "the condition ends with and, after which something is missing"),
        ("label LIKE", "the condition ends with LIKE, after which something is missing"),
        ("AND", "the condition ends with AND, after which something is missing"),
        ("label IN ('cat'", "a bracket is opened and not closed, or closed and not opened"),
        ("labell = 'cat'", "there is no column labell; the nearest is label"),
        ("Brightnes < 3", "there is no column Brightnes; the nearest is brightness or brighter"),
        ("zzz = 1", "there is no column zzz; columns are proposed while you type"),
        ("label = dog", "there is no column dog; a word to compare with stands in single quotes: 'dog'"),
        ('label = "dog"', "there is no column dog; a word to compare with stands in single quotes: 'dog'"),
        ("label", "label is a text, not yes or no: compare it, such as label = 'cat'"),
        ("brightness", "brightness is a number, not yes or no: compare it, such as brightness < 1.5"),
        ("review", "review is a text, not yes or no: compare it, such as review LIKE '%A%'"),
        ("label = 3", "label is a text: compare it with one, such as label = 'cat'"),
        ("brightness < 'x'", "brightness is a number: compare it with one, such as brightness < 1.5"),
        ("seen = 'True'", "seen is yes or no by itself: write seen or NOT seen"),
        ("NOT seen != 'no'", "seen is yes or no by itself: write seen or NOT seen"),
        ("label BETWEEN 'a'", "this is no condition as SQL writes one; write it such as label = 'cat'"),
        ("1", "this gives no yes or no for each example; write it such as label = 'cat'"),
        ("label = 'cat' -- x", "it has a comment, a quote that is not closed or one of another kind than ' and \""),
        ("SELECT 1", "it has SELECT outside quotes, which a condition on one row needs not"),
    ],
)
def test_the_cause_comes_first_and_is_all(condition: str, told: str) -> None:
    with pytest.raises(InputError) as error:
        rows_where(TABLE, condition)
    assert str(error.value) == told


@pytest.mark.parametrize("condition", ["x" * 5000 + " = 1", "foo(label)", "substr(label) = 'a'", ")", "= =", "'", "("])
def test_whatever_is_wrong_is_short_and_in_no_words_of_the_machine(condition: str) -> None:
    with pytest.raises(InputError) as error:
        rows_where(TABLE, condition)
    assert len(str(error.value)) < 220
    assert not any(word in str(error.value) for word in ("Expr", "column_39", "where must be"))


@pytest.mark.parametrize(("condition", "rows"), [
    ("seen", 1), ("NOT seen AND label = 'it''s'", 1), ("seen = TRUE", 1), ("brightness > 1 AND \"p x\" < 0.15", 1),
    ("seen IS NULL", 0), ("label IN ('cat', 'dog')", 1),
])  # fmt: skip
def test_what_is_a_condition_is_one(condition: str, rows: int) -> None:
    assert len(rows_where(TABLE, condition)) == rows
