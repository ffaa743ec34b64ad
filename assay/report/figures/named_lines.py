"""Many lines: each has its name beside its end, and a dash of its own where colours repeat.

Names stand in the order of their lines' ends, each joined to its line, so that they never lie on each other. A line
called `baseline` is in the colour of ink and thick: the others are read against it.
"""

from __future__ import annotations

import math
from typing import Any

from assay.figure import Lines, Series
from assay.report.axes import chart_text
from assay.report.figures.numbers import number
from assay.report.figures.pareto import MARGIN_PIXELS, name_heights

FEWEST, MOST = 7, 24
COLORS, DASHES = 8, ("solid", "dash", "dot")
NAME_PIXELS, CHARACTER_PIXELS, LONGEST_NAME = 16, 6.8, 30
PLOT_PIXELS, LEAST_HEIGHT = 190, 360
BASELINE = "baseline"
AIR, LEADER = 0.04, 0.08
"""Shares of the axes: around the lines, and between their ends and the names."""


def are_named_beside(figure: Lines) -> bool:
    """Whether names stand at the ends: of more lines than a telephone's legend holds, no more than have room."""
    return FEWEST <= len(figure.series) <= MOST and all("line" in series.marks for series in figure.series)


def names_room(figure: Lines) -> int:
    """Pixels that the longest name takes."""
    return int(14 + CHARACTER_PIXELS * max(len(_name(series)) for series in figure.series))


def least_width(figure: Lines) -> int:
    """Pixels below which the lines would have no room beside their names."""
    return PLOT_PIXELS + names_room(figure) if are_named_beside(figure) else 0


def style_of(series: Series, index: int) -> dict[str, Any]:
    """Colour, width and dash of one of many lines."""
    if series.name == BASELINE:
        return {"color": "var(--ink)", "width": 2.6, "dash": "solid"}
    dash = DASHES[index // COLORS % len(DASHES)]
    return {"color": f"var(--series-{index % COLORS + 1})", "width": 1.4, "dash": dash}


def name_ends(figure: Lines, drawing: dict[str, Any]) -> dict[str, Any]:
    """The drawing with a name beside the end of each line that has one, and room for them."""
    ends = [(series, index, end) for index, series in enumerate(figure.series) if (end := _end(figure, series))]
    if not ends:
        return drawing
    height = max(LEAST_HEIGHT, NAME_PIXELS * len(ends) + MARGIN_PIXELS)
    low, high = _range([y for series in figure.series for y in series.y], log=figure.log_y, air=AIR)
    left, right = _range([x for series in figure.series for x in series.x], log=figure.log_x, air=0.0)
    edge = right + LEADER * (right - left)
    ends.sort(key=lambda one: -one[2][1])
    heights = name_heights([y for _, _, (_, y) in ends], low, high, height, NAME_PIXELS)
    layout = drawing["layout"]
    layout |= {"height": height, "margin": {**layout["margin"], "r": names_room(figure)}, "annotations": []}
    layout["xaxis"] = {**layout["xaxis"], "range": [left, edge]}
    layout["yaxis"] = {**layout["yaxis"], "range": [low, high]}
    for (series, index, (x, y)), place in zip(ends, heights, strict=True):
        style = style_of(series, index)
        drawing["data"].append(_leader(figure, (x, y), (edge, place), style["color"]))
        layout["annotations"].append({
            "text": _name(series), "xref": "paper", "x": 1, "y": number(place), "xanchor": "left", "yanchor": "middle",
            "xshift": 4, "showarrow": False, "align": "left", "font": {"size": 11.5, "color": "var(--ink)"},
        })  # fmt: skip
    return drawing


def _name(series: Series) -> str:
    """Without brackets that hold nothing."""
    return chart_text(series.name.replace("()", ""), longest=LONGEST_NAME)


def _end(figure: Lines, series: Series) -> tuple[float, float] | None:
    """The last point that is drawn, in the numbers of the axes: logarithms on logarithmic ones."""
    for x, y in zip(reversed(series.x), reversed(series.y), strict=True):
        there = _place(x, log=figure.log_x), _place(y, log=figure.log_y)
        if None not in there:
            return there  # type: ignore[return-value]
    return None


def _place(value: float, *, log: bool) -> float | None:
    if not math.isfinite(value) or (log and value <= 0):
        return None
    return math.log10(value) if log else value


def _range(values: list[float], *, log: bool, air: float) -> tuple[float, float]:
    held = [place for value in values if (place := _place(value, log=log)) is not None]
    low, high = min(held), max(held)
    if high <= low:
        low, high = low - 0.5 * (abs(low) or 1.0), high + 0.5 * (abs(high) or 1.0)
    return low - air * (high - low), high + air * (high - low)


def _leader(figure: Lines, end: tuple[float, float], name: tuple[float, float], color: str) -> dict[str, Any]:
    """From the end of a line to its name."""
    x, y = ([10.0**place if log else place for place in places]
            for places, log in ((( end[0], name[0]), figure.log_x), ((end[1], name[1]), figure.log_y)))  # fmt: skip
    return {
        "type": "scatter", "mode": "lines", "x": [*map(number, x)], "y": [*map(number, y)], "hoverinfo": "skip",
        "opacity": 0.5, "line": {"color": color, "width": 1}, "showlegend": False,
    }  # fmt: skip
