"""Each figure kind as a drawing: Plotly dictionaries for charts, HTML for pictures and tables.

Colours are names of the page's CSS variables (`var(--ink)`); its script puts the colours of the
light or dark theme in, so that a page follows its reader. Labels sit at numbered positions: Plotly
would merge equal labels, and read the class names "1" and "10" as numbers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from assay.figure import Bars, Figure, Forest, Images, Interval, Lines, Matrix, Series, Table
from assay.report.axes import axis_title, chart_layout, chart_text, label_axis, number_axis
from assay.report.markup import images_html, table_html

CHART_HEIGHT = 310
MOST_POINTS = 1200
MOST_NAMED_SERIES = 8
CELLS_WITH_NUMBERS = 15
STANDING_CHARACTERS = 48


def draw(figure: Figure) -> dict[str, Any] | str:
    """A Plotly figure as a dictionary, or HTML that is safe to place as it is."""
    drawings = {Lines: draw_lines, Bars: draw_bars, Forest: draw_forest, Matrix: draw_matrix}
    if isinstance(figure, Images):
        return images_html(figure)
    if isinstance(figure, Table):
        return table_html(figure)
    return drawings[type(figure)](figure)


def draw_lines(figure: Lines) -> dict[str, Any]:
    """One line or cloud of points a series; beyond eight, thin lines without a legend, told apart on hovering."""
    many = len(figure.series) > MOST_NAMED_SERIES
    single = many or any("points" in series.marks for series in figure.series)
    traces = [_line(series, index, many) for index, series in enumerate(figure.series)]
    layout = chart_layout(
        height=CHART_HEIGHT,
        showlegend=1 < len(figure.series) <= MOST_NAMED_SERIES,
        xaxis=number_axis(figure.x_label, log=figure.log_x, values=(x for series in figure.series for x in series.x)),
        yaxis=number_axis(figure.y_label, log=figure.log_y, values=(y for series in figure.series for y in series.y)),
        hovermode="closest" if single else "x unified",
    )
    return {"data": traces, "layout": layout}


def _line(series: Series, index: int, many: bool) -> dict[str, Any]:
    x, y = _thinned(series)
    color = f"var(--series-{index % MOST_NAMED_SERIES + 1})"
    faint = series.marks == "faint line"
    if "line" in series.marks:
        drawn = {
            "mode": "lines+markers" if len(x) <= 12 and not faint else "lines", "marker": {"size": 6},
            "line": {"width": 1.2 if many or faint else 2.2, "color": "var(--muted)" if faint else color},
        }  # fmt: skip
    else:
        hollow = series.marks == "hollow points"
        edge = {"width": 2 if hollow else 0, "color": color}
        marker = {"size": 9, "color": color, "symbol": "circle-open" if hollow else "circle", "line": edge}
        drawn = {"mode": "markers", "marker": marker}
    opacity = 0.4 if faint else 0.75 if many else 1.0
    return {
        "type": "scatter", "name": chart_text(series.name), "x": x, "y": y, "opacity": opacity,
        "hoverlabel": {"namelength": 40}, **drawn,
    }  # fmt: skip


def draw_bars(figure: Bars) -> dict[str, Any]:
    """Standing bars; lying ones where names are long or many, so that each stays readable.

    Numbers in rising order (the bins of a histogram) always stand: of many, every k-th is named.
    """
    longest = max((len(label) for label in figure.labels), default=0)
    lying = longest > 10 or (len(figure.labels) > 16 and not _rise(figure.labels))
    places = list(range(len(figure.labels)))
    values = [_number(value) for value in figure.values]
    names = [chart_text(label) for label in figure.labels]
    trace: dict[str, Any] = {
        "type": "bar", "marker": {"color": "var(--series-1)", "line": {"width": 0}}, "customdata": names,
        "hovertemplate": f"%{{customdata}}: %{{{'x' if lying else 'y'}:.4~g}}<extra></extra>",
    }  # fmt: skip
    most = 40 if lying else max(1, STANDING_CHARACTERS // (longest + 1))
    labelled, measured = label_axis(figure.labels, reverse=lying, most=most), number_axis(figure.y_label)
    if not any(figure.values):
        measured |= {"range": [0, 1]}  # the usual -1 to 1 would look as if bars were missing
    if lying:
        trace |= {"orientation": "h", "x": values, "y": places}
        layout = chart_layout(height=_rows_height(len(places), 24), xaxis=measured, yaxis=labelled, bargap=0.3)
    else:
        trace |= {"x": places, "y": values}
        layout = chart_layout(height=CHART_HEIGHT, xaxis=labelled, yaxis=measured, bargap=0.3)
    return {"data": [trace], "layout": layout}


def _rise(labels: Sequence[str]) -> bool:
    """Whether the labels are numbers in rising order."""
    try:
        numbers = [float(label) for label in labels]
    except ValueError:
        return False
    return numbers == sorted(numbers)


def draw_forest(figure: Forest) -> dict[str, Any]:
    """Dots with intervals around a line at 0; green helps, red hurts, grey cannot be told."""
    places = range(len(figure.rows))
    traces = [_forest_row(row, place) for place, row in zip(places, figure.rows, strict=True)]
    zero = {
        "type": "line", "x0": 0, "x1": 0, "yref": "paper", "y0": 0, "y1": 1,
        "line": {"color": "var(--muted)", "width": 1.2, "dash": "dot"},
    }  # fmt: skip
    layout = chart_layout(
        height=_rows_height(len(figure.rows), 34),
        xaxis=number_axis(figure.x_label),
        yaxis={**label_axis([row.label for row in figure.rows], reverse=True), "showgrid": True},
        shapes=[zero],
    )
    return {"data": traces, "layout": layout}


def _forest_row(row: Interval, place: int) -> dict[str, Any]:
    kind = verdict_kind(row.verdict)
    color = f"var(--{kind})"
    symbol = {"helps": "circle", "hurts": "diamond", "unclear": "circle-open"}[kind]
    low, high, estimate = _number(row.low), _number(row.high), _number(row.estimate)
    error = {} if None in (low, high, estimate) else {
        "error_x": {
            "type": "data", "symmetric": False, "array": [row.high - row.estimate],
            "arrayminus": [row.estimate - row.low], "color": color, "thickness": 2, "width": 4,
        }
    }  # fmt: skip
    limits = f"{_plain(row.estimate)} [{_plain(row.low)}, {_plain(row.high)}]"
    told = f"{chart_text(row.label)}: {limits} {chart_text(row.verdict)}"
    return {
        "type": "scatter", "mode": "markers", "x": [estimate], "y": [place],
        "marker": {"color": color, "size": 10, "symbol": symbol, "line": {"width": 2, "color": color}},
        "hovertemplate": _no_template(told) + "<extra></extra>", **error,
    }  # fmt: skip


def verdict_kind(verdict: str) -> str:
    """`helps`, `hurts` or `unclear`, from the first word of a verdict."""
    first = verdict.split(" ", 1)[0].lower().strip(",.;:")
    return first if first in ("helps", "hurts") else "unclear"


def draw_matrix(figure: Matrix) -> dict[str, Any]:
    """A grid of coloured cells, numbered where they are few.

    Where rows and columns bear the same names (a confusion matrix), the diagonal has its own
    colour and scale: beside it the errors, which are the news, would all look like nothing.
    """
    rows, columns = len(figure.row_labels), len(figure.column_labels)
    confusion = figure.row_labels == figure.column_labels
    values = [[_number(value) for value in row] for row in figure.values]
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
    hover = _no_template(rows) + " %{customdata[0]}, " + _no_template(columns) + " %{customdata[1]}: %{z:.4~g}"
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
    return {
        "text": [["" if value in blank else f"{value:.3g}" for value in row] for row in values],
        "texttemplate": "%{text}",
    }


def describe(figure: Figure) -> str:
    """What a reader who cannot see the chart hears in its place."""
    if isinstance(figure, Lines):
        names = ", ".join(series.name for series in figure.series)
        return f"Line chart: {figure.title}. {figure.y_label} against {figure.x_label} for {names}."
    if isinstance(figure, Bars):
        pairs = zip(figure.labels[:20], figure.values[:20], strict=True)
        return f"Bar chart: {figure.title}. " + ", ".join(f"{name} {_plain(value)}" for name, value in pairs)
    if isinstance(figure, Forest):
        told = (f"{r.label} {_plain(r.estimate)} [{_plain(r.low)}, {_plain(r.high)}]" for r in figure.rows)
        return f"Forest plot: {figure.title}. " + ", ".join(told)
    return f"{type(figure).__name__}: {figure.title}"


def _rows_height(rows: int, each: int) -> int:
    return 80 + each * max(min(rows, 40), 2)


def _thinned(series: Series) -> tuple[list[float | None], list[float | None]]:
    """At most about 1,200 points: the lowest and highest of each stretch, so that no spike is lost."""
    points = list(zip(series.x, series.y, strict=True))
    if len(points) > MOST_POINTS:
        size = math.ceil(2 * len(points) / MOST_POINTS)
        stretches = [points[start : start + size] for start in range(0, len(points), size)]
        ends = [{min(stretch, key=_height), max(stretch, key=_height)} for stretch in stretches]
        points = [point for pair in ends for point in sorted(pair)]
    return [_number(x) for x, _ in points], [_number(y) for _, y in points]


def _height(point: tuple[float, float]) -> float:
    return point[1] if math.isfinite(point[1]) else 0.0


def _number(value: float) -> float | None:
    """Six significant digits; what is not finite becomes a gap."""
    return float(f"{value:.6g}") if math.isfinite(value) else None


def _plain(value: float) -> str:
    return f"{value:.4g}"


def _no_template(text: str) -> str:
    """Keep `%{...}` in users' names from being read as a template."""
    return text.replace("%{", "%&#123;")
