"""What a reader could take for something else, or not read at all: one truth of a search, signs, names and digits."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import pytest

from assay.figure import CostedGain, Lines, Matrix, Parallel, Pareto, Series, Setting, Slices, Surface, Tried
from assay.report.figures import describe, draw, note_of
from assay.report.figures.parallel import HEADING_CHARACTERS, heading
from assay.report.figures.pareto import name_lines
from assay.report.frames import PARALLEL_AXIS

TRIED = Tried("accuracy", (0.2, 0.9, 0.7, math.nan), (Setting("rate", (1.0, 2.0, 3.0, 4.0)),
                                                      Setting("decay", (4.0, 3.0, 2.0, 1.0))))  # fmt: skip


def marked(figure: Parallel | Slices | Surface) -> list[object]:
    """Where the orange mark of the first setting is."""
    if isinstance(figure, Slices):
        html = str(draw(figure))
        return [html.count('"var(--series-2)"')]
    drawing = draw(figure)
    assert isinstance(drawing, dict)
    (trace,) = [one for one in drawing["data"] if one["marker"]["color"] == "var(--series-2)"]
    return list(trace["customdata"])


@pytest.mark.parametrize(
    "kind", [lambda tried: Parallel("t", tried), lambda tried: Surface("t", "rate", "decay", tried)]
)
def test_the_chosen_trial_is_marked_though_another_scored_more(kind) -> None:
    assert all("trial 2" in str(text) for text in marked(kind(TRIED)) if text)
    chosen = kind(replace(TRIED, chosen=2))
    assert all("trial 3" in str(text) for text in marked(chosen) if text)
    assert "another scored better here: that is one seed's luck" in note_of(chosen)
    assert "chosen: accuracy 0.7, trial 3" in describe(chosen)


def test_one_that_ties_with_the_best_is_not_told_to_be_worse() -> None:
    tied = replace(TRIED, scores=(0.2, 0.9, 0.9, math.nan), chosen=1)
    assert "Orange is the one that was chosen." in note_of(Slices("t", tied))


def test_no_trial_is_lost_where_the_chosen_one_is_not_the_best() -> None:
    drawing = draw(Parallel("t", replace(TRIED, chosen=0)))
    assert isinstance(drawing, dict)
    told = " ".join(str(text) for trace in drawing["data"] for text in trace["customdata"])
    assert all(f"trial {number}," in told for number in (1, 2, 3, 4))


def test_a_chosen_trial_must_be_one_of_them() -> None:
    with pytest.raises(ValueError, match="chosen must be one of 4 trials, counted from 0, got 4"):
        replace(TRIED, chosen=4)


def test_what_two_tricks_add_together_is_no_confusion() -> None:
    """Its diagonal is empty or 0, and a gain must not have the colour of errors."""
    zeros = draw(Matrix("pairs", ((0.0, 2.0), (2.0, 0.0)), ("A()", "B()"), ("A()", "B()")))["data"]
    assert [cells["colorscale"][-1][1] for cells in zeros] == ["var(--series-1)"]
    nan = math.nan
    (cells,) = draw(Matrix("pairs", ((nan, 2.0), (2.0, nan)), ("A()", "B()"), ("A()", "B()")))["data"]
    assert cells["colorscale"][-1][1] == "var(--series-1)"
    assert cells["text"] == [["", "2"], ["2", ""]]
    signed = draw(Matrix("pairs", ((nan, -2.0), (-2.0, nan)), ("A()", "B()"), ("A()", "B()")))
    assert signed["data"][0]["colorscale"][0][1] == "var(--hurts)"
    assert signed["layout"]["yaxis"]["ticktext"] == ["A", "B"]


@pytest.mark.parametrize(
    ("largest", "texts"), [(12.19, ["12", "0", "-2"]), (2.34, ["2.3", "0", "-2.3"]), (0.071, [".07", "0", "-.07"])]
)
def test_digits_of_many_columns_are_few_and_large(largest: float, texts: list[str]) -> None:
    values = (largest, 0.0, -min(largest, 2.3), *(0.0,) * 9)
    (cells,) = draw(Matrix("classes", (values,), ("A",), tuple(map(str, range(12)))))["data"]
    assert cells["text"][0][:3] == texts
    assert cells["textfont"]["size"] > 11


def test_headings_of_parallel_coordinates_never_touch() -> None:
    names = ("learning_rate", "LabelSmoothing.smoothing", "accuracy at the last look", "x" * 40)
    assert [len(heading(name)) for name in names] == [1, 2, 2, 3]
    longest = max(len(line) for name in names for line in heading(name))
    assert longest <= HEADING_CHARACTERS
    # Bold letters of 12 pixels are 7.4 wide on average.
    assert longest * 7.4 <= PARALLEL_AXIS


def test_names_beside_gains_stand_on_two_lines_without_empty_brackets() -> None:
    assert name_lines("Mixup()") == ["Mixup"]
    assert name_lines("EMA(decay=0.99)") == ["EMA", "decay=0.99"]
    assert name_lines("plain") == ["plain"]
    points = tuple(CostedGain(f"EMA(decay=0.{n})", 1.0, n / 10, 0.0, 1.0) for n in range(12))
    drawing = draw(Pareto("t", "c", "g", points))
    assert isinstance(drawing, dict)
    low, high = drawing["layout"]["yaxis"]["range"]
    pixels = (drawing["layout"]["height"] - 88) / (high - low)
    heights = [one["y"] * pixels for one in drawing["layout"]["annotations"]]
    assert all(above - below >= 34 for above, below in pairwise(heights))


def test_more_lines_than_colours_say_so() -> None:
    line = Series("a", (0.0, 1.0), (0.0, 1.0))
    assert note_of(Lines("t", "x", "y", (line,) * 24)) == ""
    assert note_of(Lines("t", "x", "y", (line,) * 25)).startswith("25 lines, more than there are colours")


def test_bars_of_categories_are_told_of_only_where_there_are_any() -> None:
    assert "median" not in note_of(Slices("t", TRIED))
    named = replace(TRIED, settings=(Setting("kind", ("a", "b", "a", "b")),))
    assert "A bar is the median of a category." in note_of(Slices("t", named))
