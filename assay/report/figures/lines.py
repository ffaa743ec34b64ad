"""Lines and clouds of points over a common axis."""

from __future__ import annotations

import math
from typing import Any

from assay.figure import Lines, Series
from assay.report.axes import chart_layout, chart_text, level_range, number_axis, place_of_zero
from assay.report.figures.named_lines import are_named_beside, name_ends, style_of
from assay.report.figures.numbers import CHART_HEIGHT, number

MOST_POINTS = 1200
MOST_NAMED_SERIES = 8
FEW_SERIES, LEGEND_LINE = 4, 19
"""Each of more has a line of the legend, in pixels, on a telephone."""


def draw_lines(figure: Lines) -> dict[str, Any]:
    """One line or cloud of points a series; beyond six, thin lines with their names beside their ends."""
    many = len(figure.series) > MOST_NAMED_SERIES or are_named_beside(figure)
    single = many or any("points" in series.marks for series in figure.series)
    across = [x for series in figure.series for x in series.x]
    up = [y for series in figure.series for y in series.y]
    zero = place_of_zero(across) if has_zero(figure) else None
    traces = [_line(series, index, many, zero) for index, series in enumerate(figure.series)]
    level = None if figure.log_y else level_range(figure.y_label, up)
    has_legend = 1 < len(figure.series) <= MOST_NAMED_SERIES and not are_named_beside(figure)
    layout = chart_layout(
        height=CHART_HEIGHT + LEGEND_LINE * max(0, len(figure.series) - FEW_SERIES) * has_legend,
        showlegend=has_legend,
        xaxis=_with_zero(number_axis(figure.x_label, log=figure.log_x, values=across), zero),
        yaxis=number_axis(figure.y_label, log=figure.log_y, values=up) | ({"range": level} if level else {}),
        hovermode="closest" if single else "x unified",
    )
    drawing = {"data": traces, "layout": layout}
    return name_ends(figure, drawing) if are_named_beside(figure) else drawing


def note_of_lines(figure: Lines) -> str:
    """How to tell more lines apart than there are colours, and what stands beside a logarithmic axis."""
    many = len(figure.series) > MOST_NAMED_SERIES and not are_named_beside(figure)
    told = [
        f"{len(figure.series)} lines, more than there are colours: each tells its name when pointed at."
        if many
        else "",
        "0 has no place on a logarithmic axis, and stands left of it." if has_zero(figure) else "",
    ]
    return " ".join(filter(None, told))


def has_zero(figure: Lines) -> bool:
    """Whether a value of 0 lies on a logarithmic axis, where it has no place of its own."""
    return figure.log_x and any(x == 0 for series in figure.series for x in series.x)


def _with_zero(axis: dict[str, Any], zero: float | None) -> dict[str, Any]:
    """The axis with a tick that says 0 at the place of 0."""
    if zero is None:
        return axis
    return {**axis, "tickvals": [zero, *axis["tickvals"]], "ticktext": ["0", *axis["ticktext"]]}


def _line(series: Series, index: int, many: bool, zero: float | None) -> dict[str, Any]:
    x, y = _thinned(series)
    named = {}
    if zero is not None and 0 in x:
        named = {"customdata": x, "hovertemplate": "(%{customdata:.4~g}, %{y:.4~g})"}
        x = [number(zero) if value == 0 else value for value in x]
    color = f"var(--series-{index % MOST_NAMED_SERIES + 1})"
    faint = series.marks == "faint line"
    if "line" in series.marks:
        drawn = {
            "mode": "lines+markers" if len(x) <= 12 and not faint else "lines", "marker": {"size": 6},
            "line": {"width": 1.2 if many or faint else 2.2, "color": "var(--muted)" if faint else color},
        }  # fmt: skip
        if many and not faint:
            drawn["line"] = style_of(series, index)
    else:
        hollow = series.marks == "hollow points"
        edge = {"width": 2 if hollow else 0, "color": color}
        marker = {"size": 9, "color": color, "symbol": "circle-open" if hollow else "circle", "line": edge}
        drawn = {"mode": "markers", "marker": marker}
    opacity = 0.4 if faint else 0.75 if many else 1.0
    return {
        "type": "scatter", "name": chart_text(series.name), "x": x, "y": y, "opacity": opacity,
        "hoverlabel": {"namelength": 40}, **named, **drawn,
    }  # fmt: skip


def _thinned(series: Series) -> tuple[list[float | None], list[float | None]]:
    """At most about 1,200 points: the lowest and highest of each stretch, so that no spike is lost."""
    points = list(zip(series.x, series.y, strict=True))
    if len(points) > MOST_POINTS:
        size = math.ceil(2 * len(points) / MOST_POINTS)
        stretches = [points[start : start + size] for start in range(0, len(points), size)]
        ends = [{min(stretch, key=_height), max(stretch, key=_height)} for stretch in stretches]
        points = [point for pair in ends for point in sorted(pair)]
    return [number(x) for x, _ in points], [number(y) for _, y in points]


def _height(point: tuple[float, float]) -> float:
    return point[1] if math.isfinite(point[1]) else 0.0
