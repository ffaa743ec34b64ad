"""Completing a condition: columns, then operators of their kind, then values that are there."""

from __future__ import annotations

import polars as pl
import pytest

from assay.ui.condition import complete

TABLE = pl.DataFrame(
    {"label": ["cat", "cat", "o'dog"], "brightness": [1.0, 2.0, 30.0], "flagged": [True, False, None],
     "p resnet": [0.1, 0.2, 0.3]}
)  # fmt: skip


def words(text: str) -> list[str]:
    return [one.text for one in complete(TABLE, text)]


def applied(text: str, index: int = 0) -> str:
    one = complete(TABLE, text)[index]
    return text[: one.start] + one.text


@pytest.mark.parametrize("text", ["", "flagged AND ", "label = 'cat' or ", "NOT ", "("])
def test_a_condition_begins_with_a_column(text: str) -> None:
    assert words(text) == ["label", "brightness", "flagged", '"p resnet"', "NOT"]


def test_what_is_begun_is_replaced_and_what_begins_alike_comes_first() -> None:
    assert words("bri") == ["brightness"]
    assert applied("flagged AND bri") == "flagged AND brightness"
    assert applied("res") == '"p resnet"'
    assert words("l")[0] == "label"


def test_operators_fit_the_kind_of_the_column() -> None:
    assert words("label ")[:3] == ["=", "!=", "LIKE"]
    assert words("brightness ")[:2] == ["<", ">"]
    assert words("flagged ")[:2] == ["AND", "OR"]
    assert words('"p resnet" ')[:2] == ["<", ">"]


def test_values_are_those_of_the_column_most_frequent_first() -> None:
    assert words("label = ") == ["'cat'", "'o''dog'"]
    assert words("label IN ('cat', ") == ["'cat'", "'o''dog'"]
    assert next((one.text, one.hint) for one in complete(TABLE, "brightness > ")) == ("1", "least")
    assert applied("label = 'o") == "label = 'o''dog'"


def test_after_a_value_conditions_are_joined() -> None:
    assert words("label = 'cat' ") == ["AND", "OR"]
    assert words("brightness < 3 ") == ["AND", "OR"]
    assert words("label IS ") == ["NULL", "NOT NULL"]


@pytest.mark.parametrize("text", ["'", '"', "((((", "label = ''' ", "= = =", "\N{BELL}", "label = 'ca\nt", "a" * 5000])
def test_nonsense_is_completed_by_something_or_nothing_and_never_fails(text: str) -> None:
    assert all(0 <= one.start <= len(text) for one in complete(TABLE, text))


def test_whatever_is_taken_step_by_step_is_a_condition_of_the_audit() -> None:
    from assay.audit.audit import Audit
    from assay.finding import Report

    text = ""
    for _ in range(3):
        one = complete(TABLE, text)[0]
        text = text[: one.start] + one.text + " "
    assert text == "label = 'cat' "
    assert len(Audit(Report("inspect"), TABLE).where(text)) == 2
