"""Which notes share a row: those whose figure and whose tables have room in half of the page."""

from __future__ import annotations

from assay.figure import Bars, Figure, Matrix, Table
from assay.finding import Finding
from assay.report.frames import rows_of_notes

BARS = Bars("b", ("a", "b"), (1.0, 2.0), "y")
NARROW = Table("t", ("name", "value"), tuple((f"row {n}", "1") for n in range(9)))
WIDE = Table("t", ("trick", "verdict", "effect"), (("LabelSmoothing()", "no measurable effect", "+0.12 points"),) * 9)
CLASSES = tuple(map(str, range(10)))
CLASS_EFFECTS = Matrix("m", ((1.0,) * 10,) * 2, ("LabelSmoothing", "Mixup"), CLASSES)


def are_wide(*figures: Figure) -> list[bool]:
    notes = (Finding(f"f{n}", "note", "s", figures=(BARS,) if n else figures) for n in range(2))
    return [note.wide for note in rows_of_notes(tuple(notes))]


def test_a_note_with_a_wide_table_behind_it_has_a_row_of_its_own():
    assert are_wide(BARS, NARROW) == [False, False]
    assert are_wide(BARS, WIDE) == [True, True]


def test_a_map_that_half_of_the_narrowest_page_of_two_columns_cannot_hold_has_a_row_of_its_own():
    assert are_wide(CLASS_EFFECTS) == [True, True]
