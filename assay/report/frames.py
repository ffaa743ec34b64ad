"""Figures in their frames, and which of them stand side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from markupsafe import Markup

from assay.figure import Figure, Images, Lines, Matrix, Parallel, Pareto, Slices, Surface, Table
from assay.finding import Finding
from assay.report.figures import describe, draw, note_of
from assay.report.figures.matrix import name_of
from assay.report.figures.named_lines import are_named_beside, least_width
from assay.report.markup import chart_html, script_json

NARROW_HEIGHT = 560
NARROW_PICTURES = 12
NARROW_FILTERS = 40
NARROW_CHARACTERS = 46
MOST_STRETCH = 1.7
FEW_CELLS = 9
WIDE = (Parallel, Pareto, Slices, Surface)
PARALLEL_AXIS, PARETO_PLOT = 104, 170
CHARACTER, LONGEST_NAME, MATRIX_COLUMN, MOST_NAMED_COLUMNS, HALF_WIDTH = 7, 28, 30, 20, 350

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
    return script_json([draw(figure) for figure in figures])


def rows_of_notes(findings: Sequence[Finding]) -> list[Note]:
    """Notes in rows of two where each of two has one narrow figure and narrow tables, else alone in a row.

    A table beside a picture holds the numbers behind it and waits under the details.
    """
    notes: list[Note] = []
    for row in in_pairs(findings, _is_narrow_note):
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
    if isinstance(figure, WIDE) or (isinstance(figure, Lines) and are_named_beside(figure)):
        return False
    if isinstance(figure, Images):
        return len(figure.pngs) <= (NARROW_PICTURES if any(figure.captions) else NARROW_FILTERS)
    if isinstance(figure, Table):
        columns = zip(*(figure.columns, *figure.rows), strict=False)
        return sum(2 + max(len(str(cell)) for cell in column) for column in columns) <= NARROW_CHARACTERS
    if isinstance(figure, Matrix) and _matrix_width(figure) > HALF_WIDTH:
        return False
    drawing = draw(figure)
    return isinstance(drawing, dict) and drawing["layout"]["height"] <= NARROW_HEIGHT


def _is_narrow_note(finding: Finding) -> bool:
    return len(_shown(finding)) == 1 and all(map(is_narrow, finding.figures))


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
        inner = chart_html(drawing, describe(figure), least_width=_least_width(figure, drawing))
    kind = type(figure).__name__.lower() + (" wide" if wide else "")
    title = Markup('<figcaption class="title">{}</figcaption>').format(figure.title) if figure.title else ""
    said = note_of(figure)
    note = Markup('<p class="hint">{}</p>').format(said) if said else ""
    return Markup('<figure class="figure {}">{}{}{}</figure>').format(kind, title, inner, note)


def _least_width(figure: Figure, drawing: dict[str, Any]) -> int:
    """Pixels below which a chart would be unreadable; 0 of those that are fit for any window."""
    if isinstance(figure, Parallel):
        return PARALLEL_AXIS * (len(figure.tried.settings) + 1)
    if isinstance(figure, Pareto):
        return PARETO_PLOT + drawing["layout"]["margin"]["r"]
    if isinstance(figure, Lines):
        return least_width(figure)
    return _matrix_width(figure) if isinstance(figure, Matrix) else 0


def _matrix_width(figure: Matrix) -> int:
    """With room for the names of rows and for each column; of very many, whose names are left out, as it comes."""
    longest = min(LONGEST_NAME, max((len(name_of(label)) for label in figure.row_labels), default=0))
    columns = len(figure.column_labels)
    return CHARACTER * longest + MATRIX_COLUMN * columns if columns <= MOST_NAMED_COLUMNS else 0
