"""A labelled grid of numbers as coloured cells."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from assay.figure import Matrix
from assay.report.axes import axis_title, chart_layout, chart_text, label_axis
from assay.report.figures.numbers import no_template, number

CELLS_WITH_NUMBERS, MOST_DECIMALS = 15, 5
COLUMNS_WITH_ROOM = 8
DIGIT_PIXELS = 11.5
LEVEL_CHARACTERS, SLANT, SLANTED_CHARACTER, COLUMN_PIXELS = 3, -45, 5.2, 24
"""Names of columns that are longer are slanted, the more so as a window is narrow: level, they would touch."""


def draw_matrix(figure: Matrix) -> dict[str, Any]:
    """A grid of coloured cells, numbered where they are few.

    In a confusion matrix the diagonal has its own colour and scale: beside it the errors, which are the news, would
    all look like nothing.
    """
    rows, columns = len(figure.row_labels), len(figure.column_labels)
    confusion = is_confusion(figure)
    values = [[number(value) for value in row] for row in figure.values]
    if confusion:
        diagonal = [[v if i == j else None for j, v in enumerate(row)] for i, row in enumerate(values)]
        others = [[None if i == j else v for j, v in enumerate(row)] for i, row in enumerate(values)]
        traces = [_cells(figure, others, "hurts"), _cells(figure, diagonal, "series-1")]
    else:
        traces = [_cells(figure, values, "series-1")]
    slanted = max(map(len, figure.column_labels), default=0) > LEVEL_CHARACTERS
    side = 34 if max(rows, columns) <= CELLS_WITH_NUMBERS else 22
    across = {
        **label_axis([*map(name_of, figure.column_labels)], most=20),
        "title": axis_title(figure.column_title),
        "side": "top",
        "tickangle": SLANT if slanted else 0,
        "ticklabeloverflow": "allow",
    }
    down = {
        **label_axis([*map(name_of, figure.row_labels)], reverse=True, most=30),
        "title": axis_title(figure.row_title),
    }
    layout = chart_layout(height=min(130 + side * rows, 760), xaxis=across, yaxis=down)
    if slanted:
        layout["margin"] = {**layout["margin"], "r": _room_for_last(figure)}
    return {"data": traces, "layout": layout}


def _room_for_last(figure: Matrix) -> int:
    """Pixels right of the cells that slanted names of the last columns reach into."""
    names = [chart_text(name_of(label)) for label in figure.column_labels]
    reach = (SLANTED_CHARACTER * len(name) - COLUMN_PIXELS * place for place, name in enumerate(reversed(names)))
    return int(max(12, *reach))


def note_of_matrix(figure: Matrix) -> str:
    """What the colours mean, where there are two."""
    if is_confusion(figure):
        return "Cells off the diagonal have a colour and a scale of their own."
    if not _has_signs(figure):
        return ""
    better, worse = ("a fall, which is better", "a rise") if figure.lower_is_better else ("above 0", "below 0")
    return f"Blue: {better}; red: {worse}."


def is_confusion(figure: Matrix) -> bool:
    """Whether rows and columns bear the same names and a row meets itself; of pairs of different things none does."""
    met = (number(row[place]) for place, row in enumerate(figure.values) if place < len(row))
    return figure.row_labels == figure.column_labels and any(met)


def name_of(label: str) -> str:
    """Without brackets that hold nothing."""
    return label.removesuffix("()")


def _cells(figure: Matrix, values: list[list[float | None]], color: str) -> dict[str, Any]:
    numbered = max(len(figure.row_labels), len(figure.column_labels)) <= CELLS_WITH_NUMBERS
    held = [value for row in values for value in row if value is not None]
    low, high = min(held, default=0.0), max(held, default=1.0)
    span = max(abs(low), abs(high)) or 1.0
    gap = 2 if numbered else 0
    names = [[[chart_text(r), chart_text(c)] for c in figure.column_labels] for r in figure.row_labels]
    rows, columns = (chart_text(t or o) for t, o in ((figure.row_title, "row"), (figure.column_title, "column")))
    hover = no_template(rows) + " %{customdata[0]}, " + no_template(columns) + " %{customdata[1]}: %{z:.4~g}"
    scale = [[0, "var(--sunken)"], [1, f"var(--{color})"]]
    if _has_signs(figure):
        ends = ("var(--hurts)", "var(--series-1)")
        least, most = ends[::-1] if figure.lower_is_better else ends
        scale = [[0, least], [0.5, "var(--surface)"], [1, most]]
    return {
        "type": "heatmap", "z": values, "zmin": -span if _has_signs(figure) else 0, "zmax": span, "colorscale": scale,
        "showscale": False, "xgap": gap, "ygap": gap, "hoverongaps": False, "customdata": names,
        "hovertemplate": hover + "<extra></extra>", **(_cell_texts(figure, values) if numbered else {}),
    }  # fmt: skip


def _cell_texts(figure: Matrix, values: list[list[float | None]]) -> dict[str, Any]:
    """A number in each cell, large enough to be read; zeros, where rows and columns are the same, stay blank."""
    same = figure.row_labels == figure.column_labels
    blank = (None, 0.0) if same else (None,)
    held = _sizes(values)
    if all(value.is_integer() for value in held):
        write = "{:.4g}".format
    elif len(figure.column_labels) > COLUMNS_WITH_ROOM:
        write = _short(max(held, default=0.0))
    else:
        whole = [[number(value) for value in row] for row in figure.values]
        write = _alike(max(_sizes(whole)), signed=_has_signs(figure))
    return {
        "text": [["" if value in blank else write(value) for value in row] for row in values],
        "texttemplate": "%{text}", "textfont": {"size": DIGIT_PIXELS},
    }  # fmt: skip


def _sizes(values: list[list[float | None]]) -> list[float]:
    return [abs(value) for row in values for value in row if value is not None]


def _has_signs(figure: Matrix) -> bool:
    """Whether cells are changes: some are below 0, or a fall is told to be a gain."""
    return figure.lower_is_better or any(value < 0 for row in figure.values for value in row)


def _alike(largest: float, *, signed: bool) -> Callable[[float | None], str]:
    """As many decimals in all cells as give the largest three digits; `+1.74` beside `-0.58`."""
    decimals = max(0, 2 - math.floor(math.log10(largest)))
    if decimals > MOST_DECIMALS:
        return "{:.2g}".format

    def write(value: float | None) -> str:
        rounded = round(value or 0.0, decimals) + 0.0
        return f"{rounded:+.{decimals}f}" if signed and rounded else f"{rounded:.{decimals}f}"

    return write


def _short(largest: float) -> Callable[[float | None], str]:
    """At most four characters, for many columns: as many decimals as all cells have room for, `-2.3` or `.07`."""
    decimals = 2 if largest < 1 else 1 if largest < 10 else 0

    def write(value: float | None) -> str:
        text = f"{round(value or 0.0, decimals) + 0.0:.{decimals}f}"
        return text.replace("0.", ".", 1) if decimals == 2 and float(text) else text if float(text) else "0"

    return write
