"""Lines and clouds of points over a common axis."""

from __future__ import annotations

import math
from typing import Any

from assay.figure import Lines, Series
from assay.report.axes import chart_layout, chart_text, number_axis
from assay.report.figures.numbers import CHART_HEIGHT, number

MOST_POINTS = 1200
MOST_NAMED_SERIES = 8


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


def note_of_lines(figure: Lines) -> str:
    """How to tell more lines apart than there are colours."""
    many = len(figure.series) > MOST_NAMED_SERIES
    return (
        f"{len(figure.series)} lines, more than there are colours: each tells its name when pointed at." if many else ""
    )


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
