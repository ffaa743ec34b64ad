"""Which figures stand side by side, how tall, and how wide at least."""

import json
import re

from assay.figure import Bars, Figure, Images, Lines, Matrix, Series, Table
from assay.finding import Finding
from assay.report.frames import figures_html, in_pairs, is_narrow, rows_of_notes, worth_showing

LINES = Lines("curve", "step", "loss", (Series("train", (0.0, 1.0), (2.0, 1.0)),))
TABLE = Table("cells", ("name", "value"), tuple((f"row {n}", "1") for n in range(6)))
SMALL = Table("few", ("split", "n"), (("train", "3"), ("test", "1")))
DIGITS = tuple(map(str, range(10)))
MATRIX = Matrix("confusion", tuple((1.0,) * 10 for _ in DIGITS), DIGITS, DIGITS)


def note(name: str, *figures: Figure) -> Finding:
    return Finding(name, "note", name, figures=figures)


def test_a_narrow_item_waits_for_the_next_narrow_one_at_its_own_place():
    assert in_pairs("aBcDe", str.islower) == [("a", "c"), ("B",), ("D",), ("e",)]
    assert in_pairs("", str.islower) == []


def test_what_is_small_enough_for_half_a_page():
    many = tuple(f"class {n}" for n in range(40))
    assert [is_narrow(f) for f in (LINES, MATRIX, SMALL, Images("few", ("",) * 12, ("a",) * 12))] == [True] * 4
    assert [is_narrow(f) for f in (Bars("many", many, (1.0,) * 40), Images("many", ("",) * 13, ("a",) * 13))] == [
        False
    ] * 2
    assert not is_narrow(Table("wide", ("a", "b"), (("x" * 30, "y" * 30),)))


def test_a_matrix_of_long_names_takes_the_whole_width_and_slides_in_a_narrow_window():
    names = tuple(f"LabelSmoothing(smoothing=0.{n})" for n in range(12))
    long = Matrix("pairs", tuple((1.0,) * 12 for _ in names), names, names)
    assert not is_narrow(long)
    assert "--least:556px" in figures_html((long,))  # 28 characters of 7, and 12 columns of 30
    assert is_narrow(MATRIX)
    many = tuple(map(str, range(100)))
    assert "sideways" not in figures_html((Matrix("classes", tuple((1.0,) * 100 for _ in many), many, many),))


def test_two_charts_side_by_side_are_equally_tall():
    heights = [int(height) for height in re.findall(r"height:(\d+)px", figures_html((LINES, MATRIX)))]
    assert heights == [470, 470]
    drawn = [json.loads(text) for text in re.findall(r"json\">(.*?)</script>", figures_html((LINES, MATRIX)))]
    assert [drawing["layout"]["height"] for drawing in drawn] == heights


def test_notes_stand_in_pairs_and_the_odd_one_over_the_whole_width():
    notes = rows_of_notes((note("a", LINES), note("b", LINES, LINES), note("c", MATRIX), note("d", LINES)))
    assert [(n.finding.id, n.wide) for n in notes] == [("a", False), ("c", False), ("b", True), ("d", True)]


def test_a_table_beside_a_picture_waits_under_the_details():
    (both,) = rows_of_notes((note("both", LINES, TABLE),))
    assert "curve" in both.shown
    assert "cells" not in both.shown
    assert "cells" in both.tables
    (alone,) = rows_of_notes((note("alone", TABLE),))
    assert "cells" in alone.shown
    assert not alone.tables


def test_few_cells_are_not_worth_a_picture():
    assert not worth_showing(())
    assert not worth_showing((SMALL,))
    assert worth_showing((TABLE,))
    assert worth_showing((SMALL, LINES))
