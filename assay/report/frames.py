"""Figures in their frames, and which of them stand side by side."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from markupsafe import Markup

from assay.figure import Figure, Images, Table
from assay.finding import Finding
from assay.report.figures import describe, draw

NARROW_HEIGHT = 560
NARROW_PICTURES = 12
NARROW_FILTERS = 40
NARROW_CHARACTERS = 46
MOST_STRETCH = 1.7
FEW_CELLS = 9

Item = TypeVar("Item")
Drawing = dict[str, Any] | str


@dataclass(frozen=True)
class Note:
    """A note that carries figures: what is shown, and the tables that wait under its details."""

    finding: Finding
    shown: Markup
    tables: Markup
    wide: bool


def figures_html(figures: Sequence[Figure]) -> Markup:
    """Narrow figures in pairs, the others over the whole width."""
    rows = (_row_html(row) for row in in_pairs(figures, is_narrow))
    return Markup('<div class="figures">{}</div>').format(Markup("").join(rows)) if figures else Markup("")


def figure_html(figure: Figure) -> Markup:
    """A figure over the whole width, with its caption; a chart carries its data for the page's script."""
    return _row_html((figure,))


def charts_json(figures: Sequence[Figure]) -> Markup:
    """Charts as a list for a script element, for a page that draws them over."""
    return _script_json([draw(figure) for figure in figures])


def rows_of_notes(findings: Sequence[Finding]) -> list[Note]:
    """Notes in rows of two where each of two shows one narrow figure, else alone in a row.

    A table beside a picture holds the numbers behind it and waits under the details.
    """
    notes: list[Note] = []
    for row in in_pairs(findings, lambda finding: len(shown := _shown(finding)) == 1 and is_narrow(shown[0])):
        if len(row) == 1:
            notes.append(_note(row[0], figures_html(_shown(row[0])), wide=True))
        else:
            frames = _frames([_shown(finding)[0] for finding in row], wide=True)
            pairs = zip(row, frames, strict=True)
            box = Markup('<div class="figures">{}</div>')
            notes += [_note(finding, box.format(frame), wide=False) for finding, frame in pairs]
    return notes


def worth_showing(figures: Iterable[Figure]) -> bool:
    """Whether there is more to see than a few cells, which a sentence tells as well."""
    return any(not isinstance(f, Table) or len(f.rows) * len(f.columns) > FEW_CELLS for f in figures)


def in_pairs(items: Iterable[Item], is_narrow: Callable[[Item], bool]) -> list[tuple[Item, ...]]:
    """Rows of one wide or two narrow items; a narrow one waits for the next narrow one, at its own place."""
    rows: list[tuple[Item, ...]] = []
    waiting: int | None = None
    for item in items:
        if not is_narrow(item):
            rows.append((item,))
        elif waiting is None:
            waiting = len(rows)
            rows.append((item,))
        else:
            rows[waiting] = (*rows[waiting], item)
            waiting = None
    return rows


def is_narrow(figure: Figure) -> bool:
    """Whether half of the page's width is enough."""
    if isinstance(figure, Images):
        return len(figure.pngs) <= (NARROW_PICTURES if any(figure.captions) else NARROW_FILTERS)
    if isinstance(figure, Table):
        columns = zip(*(figure.columns, *figure.rows), strict=False)
        return sum(2 + max(len(str(cell)) for cell in column) for column in columns) <= NARROW_CHARACTERS
    drawing = draw(figure)
    return isinstance(drawing, dict) and drawing["layout"]["height"] <= NARROW_HEIGHT


def _shown(finding: Finding) -> list[Figure]:
    pictures: list[Figure] = [figure for figure in finding.figures if not isinstance(figure, Table)]
    return pictures or list(finding.figures)


def _note(finding: Finding, shown: Markup, *, wide: bool) -> Note:
    tables = [figure for figure in finding.figures if figure not in _shown(finding)]
    return Note(finding, shown, figures_html(tables), wide)


def _row_html(row: tuple[Figure, ...]) -> Markup:
    return Markup("").join(_frames(row, wide=len(row) == 1))


def _frames(row: Sequence[Figure], *, wide: bool) -> list[Markup]:
    """Each figure in its frame; charts that are nearly as tall as each other are drawn equally tall."""
    drawings = [draw(figure) for figure in row]
    layouts = [drawing["layout"] for drawing in drawings if isinstance(drawing, dict)]
    tallest = max((layout["height"] for layout in layouts), default=0)
    for layout in layouts:
        if tallest <= MOST_STRETCH * layout["height"]:
            layout["height"] = tallest
    return [_framed(figure, drawing, wide=wide) for figure, drawing in zip(row, drawings, strict=True)]


def _framed(figure: Figure, drawing: Drawing, *, wide: bool) -> Markup:
    if isinstance(drawing, str):
        inner = Markup(drawing)
    else:
        height, told = drawing["layout"]["height"], describe(figure)
        inner = Markup(
            '<div class="plot" style="height:{}px" role="img" aria-label="{}">'
            '<script type="application/json">{}</script></div>'
        ).format(height, told, _script_json(drawing))
    kind = type(figure).__name__.lower() + (" wide" if wide else "")
    title = Markup('<figcaption class="title">{}</figcaption>').format(figure.title) if figure.title else ""
    return Markup('<figure class="figure {}">{}{}</figure>').format(kind, title, inner)


def _script_json(value: Any) -> Markup:
    """JSON that cannot end its script element: `<`, `>` and `&` are written as escapes."""
    text = json.dumps(value, allow_nan=False, separators=(",", ":"))
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)
