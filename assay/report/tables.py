"""Tables as HTML: numbers flush right, each with its interval or range below it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from assay.figure import Table
from assay.report.markup import inline
from assay.report.wording import MINUS

SHORT, SHORT_OF_MANY, MANY_COLUMNS = 24, 19, 9
"""Characters that stay in one line; fewer where columns are many, so that all have room."""
LONG_TABLE = 24
"""Rows; a longer table slides in a box of its own."""
INTERVAL = "95 % interval"
"""The column that stands below the one before it where columns are many."""
NUMBERS = re.compile(r"(?=.*\d|\N{EN DASH})[-+\N{MINUS SIGN}\N{EN DASH}\d.,e%\[\]\N{MULTIPLICATION SIGN}x s/]+")
UNIT = re.compile(r"(?<=\d) ?(?:ms|min|h|[KMGT]?i?B|bytes|[KMGT]?FLOP|points)$")
RANGE = re.compile(r"(?P<number>[^()]+?) \((?P<below>[^()]+ to [^()]+)\)")
DASH = re.compile(r"(?<![e\d])-(?=[\d.])")
"""A hyphen that is a minus: not that of an exponent, nor of a date."""


class Cell(NamedTuple):
    """What a cell says, and what stands below it, smaller."""

    text: str
    below: str = ""


class Column(NamedTuple):
    """kind: `number`, `short` (in one line) or empty; cells may be fewer than rows."""

    head: Cell
    cells: tuple[Cell, ...]
    kind: str


def table_html(figure: Table) -> Markup:
    """One of many rows or columns slides in a box of its own."""
    columns = _columns(figure)
    many = len(figure.columns) >= MANY_COLUMNS
    head = Markup("").join(_cell("th", column.head, column.kind) for column in columns)
    body = Markup("").join(_row(columns, place) for place in range(len(figure.rows)))
    kinds = (" long" if len(figure.rows) > LONG_TABLE else "") + (" many" if many else "")
    return Markup(
        '<div class="scroll{}" tabindex="0" role="region" aria-label="{}">'
        "<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>"
    ).format(kinds, figure.title or "table", head, body)


def _columns(figure: Table) -> list[Column]:
    longest = SHORT if len(figure.columns) < MANY_COLUMNS else SHORT_OF_MANY
    found: list[Column] = []
    for place, name in enumerate(figure.columns):
        texts = [str(row[place]) for row in figure.rows if place < len(row)]
        column = _column(str(name), texts, longest, is_first=place == 0)
        if len(figure.columns) >= MANY_COLUMNS and name == INTERVAL and found and _may_stand_below(column, found[-1]):
            found[-1] = _joined(found[-1], column)
        else:
            found.append(column)
    return found


def _column(name: str, texts: Sequence[str], longest: int, *, is_first: bool) -> Column:
    split = [_split(text) for text in texts]
    if not is_first and _are_numeric(split):
        return Column(Cell(name), tuple(split), "number")
    is_short = not is_first and all(len(text) <= longest for text in texts)
    return Column(Cell(name), tuple(map(Cell, texts)), "short" if is_short else "")


def _may_stand_below(interval: Column, estimate: Column) -> bool:
    numbers = interval.kind == estimate.kind == "number" and len(interval.cells) == len(estimate.cells)
    return numbers and not any(cell.below for cell in (*interval.cells, *estimate.cells))


def _joined(estimate: Column, interval: Column) -> Column:
    pairs = zip(estimate.cells, interval.cells, strict=True)
    cells = tuple(Cell(above.text, below.text) for above, below in pairs)
    return Column(Cell(estimate.head.text, interval.head.text), cells, "number")


def _split(text: str) -> Cell:
    """`1.02x (0.99 to 1.15)` as the number and what stands below it."""
    match = RANGE.fullmatch(text)
    return Cell(match["number"], match["below"]) if match else Cell(text)


def _are_numeric(cells: Sequence[Cell]) -> bool:
    """Whether all that are not empty are made of numbers: signed, grouped, per cent, with a unit, an interval."""
    texts = [text for cell in cells for text in cell if text.strip()]
    return bool(texts) and all(
        NUMBERS.fullmatch(UNIT.sub("", text.strip()).replace(" to ", " ").strip()) for text in texts
    )


def _row(columns: Sequence[Column], place: int) -> Markup:
    held = ((column.cells[place], column.kind) for column in columns if place < len(column.cells))
    return Markup("<tr>{}</tr>").format(Markup("").join(_cell("td", cell, kind) for cell, kind in held))


def _cell(tag: str, cell: Cell, kind: str) -> Markup:
    text, below = (DASH.sub(MINUS, part) if kind == "number" else part for part in cell)
    side = Markup(' class="{}"').format(kind) if kind else Markup("")
    scope = Markup(' scope="col"') if tag == "th" else Markup("")
    under = Markup('<span class="below">{}</span>').format(below) if below else Markup("")
    told = Markup("<{tag}{side}{scope}>{text}{under}</{tag}>")
    return told.format(tag=Markup(tag), side=side, scope=scope, text=inline(text), under=under)
