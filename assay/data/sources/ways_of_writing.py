"""Numbers and dates of a table that are written in a way of their own: how they were read, told as findings."""

from __future__ import annotations

from collections.abc import Sequence

from assay.data.reading.cells import Cell, are_dates, has_decimal_comma, is_missing
from assay.data.reading.decimal_commas import are_mostly_with_commas
from assay.finding import Finding

SHOWN = 5


def say_points(names: Sequence[str]) -> list[Finding]:
    """A note on columns whose decimal commas were read as points."""
    if not names:
        return []
    one = len(names) == 1
    listed = ", ".join(map(repr, names[:SHOWN])) + (", ..." if len(names) > SHOWN else "")
    return [
        Finding(
            id="decimal_commas",
            level="note",
            summary=f"{'Column' if one else f'{len(names)} columns,'} {listed} {'is' if one else 'are'} written with "
            f"decimal commas ('5,3' for 5.3) and {'was' if one else 'were'} read as numbers.",
            evidence={"count": len(names), "columns": list(names)},
            fix="Nothing to do, unless these are codes or lists: then write them with another sign than a comma.",
        )
    ]


def say_words_with_commas(name: str, cells: Sequence[Cell]) -> list[Finding]:
    """An alert on a column of words most of which look like numbers with decimal commas."""
    if not are_mostly_with_commas(cells):
        return []
    present = [str(cell) for cell in cells if not is_missing(cell)]
    written = [cell for cell in present if has_decimal_comma(cell)]
    return [
        Finding(
            id="numbers_as_words",
            level="suspect",
            summary=f"{len(written):,} of {len(present):,} cells of column {name!r} look like numbers with decimal "
            f"commas, such as {written[0]!r}; they are taken as words.",
            evidence={"column": name, "count": len(written), "n": len(present)},
            cause="A spreadsheet wrote them so, or the commas part thousands. They are read as decimal ones where "
            "semicolons part the columns and every cell of the column is such a number or missing.",
            fix="Write them with points (5.3), or save the table with semicolons and mend the cells that are no "
            "numbers.",
        )
    ]


def say_dates(name: str, words: Sequence[str]) -> list[Finding]:
    """A note on an input column of dates.

    Args:
        words: the different ones.
    """
    if not are_dates(words):
        return []
    return [
        Finding(
            id="dates_as_words",
            level="note",
            summary=f"Column {name!r} holds dates; they are taken as {len(words)} different words, without order or "
            "distance.",
            evidence={"column": name, "count": len(words)},
            fix="Give numbers instead, such as days since a beginning, the month or the weekday: a date that training "
            "never saw is refused when predicting.",
        )
    ]


def say_target_written(name: str, words: Sequence[str], cells: Sequence[Cell]) -> list[Finding]:
    """An alert where the target's classes are dates, or numbers with decimal commas.

    Args:
        words: the different ones.
    """
    if not are_dates(words):
        return say_words_with_commas(name, cells)
    return [
        Finding(
            id="dates_as_classes",
            level="suspect",
            summary=f"The target {name!r} holds dates; they are taken as {len(words)} classes, without order or "
            "distance.",
            evidence={"column": name, "count": len(words)},
            cause="A date is a quantity, but it is not written as a number.",
            fix="To predict when, give a number as the target, such as days since a beginning; to predict the month or "
            "the weekday, make it a column. Or name another target.",
        )
    ]
