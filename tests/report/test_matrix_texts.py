"""What the cells and colours of a map say: decimals alike, signs where there are changes, colours explained."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assay.figure import Matrix
from assay.report.figures import draw, note_of

NAMES = ("a", "b", "c")
NAN = float("nan")
PAIRS = Matrix("m", ((NAN, 1.7361, 0.5787), (1.7361, NAN, 2.0833), (0.5787, 2.0833, NAN)), NAMES, NAMES)


def texts(figure: Matrix) -> list[list[str]]:
    drawing = draw(figure)
    assert isinstance(drawing, dict)
    return drawing["data"][0]["text"]


def test_all_cells_have_as_many_decimals_as_the_largest_needs_for_three_digits():
    assert texts(PAIRS) == [["", "1.74", "0.58"], ["1.74", "", "2.08"], ["0.58", "2.08", ""]]


def test_changes_have_signs():
    changes = replace(PAIRS, values=((NAN, 1.7361, -0.5787),) * 3)
    assert texts(changes)[0] == ["", "+1.74", "-0.58"]


@pytest.mark.parametrize(("value", "text"), [(0.0268, "0.0268"), (123.4, "123"), (3e-9, "3e-09")])
def test_small_and_large_numbers_keep_their_digits(value: float, text: str):
    assert texts(Matrix("m", ((value,),), ("row",), ("column",))) == [[text]]


def test_two_colours_are_explained():
    changes = replace(PAIRS, values=((NAN, 1.0, -0.5), (1.0, NAN, 2.0), (-0.5, 2.0, NAN)))
    assert note_of(changes) == "Blue: above 0; red: below 0."
    assert note_of(replace(changes, lower_is_better=True)) == "Blue: a fall, which is better; red: a rise."
    assert note_of(PAIRS) == ""
    confusion = Matrix("m", ((9.0, 1.0), (0.0, 8.0)), ("a", "b"), ("a", "b"))
    assert "off the diagonal" in note_of(confusion)
