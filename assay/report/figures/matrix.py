"""A labelled grid of numbers as coloured cells."""

from __future__ import annotations

from typing import Any

from assay.figure import Matrix
from assay.report.axes import axis_title, chart_layout, chart_text, label_axis
from assay.report.figures.numbers import no_template, number

CELLS_WITH_NUMBERS = 15
COLUMNS_WITH_ROOM = 8


def draw_matrix(figure: Matrix) -> dict[str, Any]:
    """A grid of coloured cells, numbered where they are few.

    Where rows and columns bear the same names (a confusion matrix), the diagonal has its own
    colour and scale: beside it the errors, which are the news, would all look like nothing.
    """
    rows, columns = len(figure.row_labels), len(figure.column_labels)
    confusion = figure.row_labels == figure.column_labels
    values = [[number(value) for value in row] for row in figure.values]
    if confusion:
        diagonal = [[v if i == j else None for j, v in enumerate(row)] for i, row in enumerate(values)]
        others = [[None if i == j else v for j, v in enumerate(row)] for i, row in enumerate(values)]
        traces = [_cells(figure, others, "hurts"), _cells(figure, diagonal, "series-1")]
    else:
        traces = [_cells(figure, values, "series-1")]
    side = 34 if max(rows, columns) <= CELLS_WITH_NUMBERS else 22
    across = {
        **label_axis(figure.column_labels, most=20),
        "title": axis_title(figure.column_title),
        "side": "top",
    }
    down = {**label_axis(figure.row_labels, reverse=True, most=30), "title": axis_title(figure.row_title)}
    layout = chart_layout(height=min(130 + side * rows, 760), xaxis=across, yaxis=down)
    return {"data": traces, "layout": layout}


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
    if low < 0:
        scale = [[0, "var(--hurts)"], [0.5, "var(--surface)"], [1, "var(--series-1)"]]
    return {
        "type": "heatmap", "z": values, "zmin": -span if low < 0 else 0, "zmax": span, "colorscale": scale,
        "showscale": False, "xgap": gap, "ygap": gap, "hoverongaps": False, "customdata": names,
        "hovertemplate": hover + "<extra></extra>", **(_cell_texts(figure, values) if numbered else {}),
    }  # fmt: skip


def _cell_texts(figure: Matrix, values: list[list[float | None]]) -> dict[str, Any]:
    """A number in each cell; the many zeros of a confusion matrix stay blank."""
    blank = (None, 0.0) if figure.row_labels == figure.column_labels else (None,)
    largest = max((abs(value) for row in values for value in row if value is not None), default=0.0)
    # Many columns have room for two decimals, and not for as many as it takes.
    narrow = len(figure.column_labels) > COLUMNS_WITH_ROOM and 0.1 <= largest < 100
    write = ("{:.2f}" if narrow and not float(largest).is_integer() else "{:.3g}").format
    return {
        "text": [["" if value in blank else write(value) for value in row] for row in values],
        "texttemplate": "%{text}",
    }
