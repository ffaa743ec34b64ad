"""Shares of something: a dot and its interval in each row, on an axis from 0 to 1."""

from __future__ import annotations

from typing import Any

from assay.figure import Interval, Shares
from assay.report.axes import chart_layout, chart_text, label_axis, number_axis
from assay.report.figures.numbers import no_template, number, plain, rows_height
from assay.report.wording import words

TOLD = "matters"
AIR = 0.02
"""Beside both ends of the axis, so that a dot at 0 is drawn whole."""


def draw_shares(figure: Shares) -> dict[str, Any]:
    """Filled in the colour of data where a share is told, hollow and grey where its interval reaches 0."""
    layout = chart_layout(
        height=rows_height(len(figure.rows), 34),
        xaxis={**number_axis(figure.x_label), "range": [-AIR, 1 + AIR], "nticks": 6, "tickangle": 0},
        yaxis={**label_axis([words(row.label) for row in figure.rows], reverse=True), "showgrid": True},
    )
    return {"data": [_row(row, place) for place, row in enumerate(figure.rows)], "layout": layout}


def describe_shares(figure: Shares) -> str:
    """Each share with its interval."""
    return f"Shares: {figure.title}. " + ", ".join(f"{words(row.label)} {_told(row)}" for row in figure.rows)


def _row(row: Interval, place: int) -> dict[str, Any]:
    is_told = row.verdict == TOLD
    color = "var(--series-1)" if is_told else "var(--unclear)"
    error = {
        "type": "data", "symmetric": False, "array": [number(row.high - row.estimate)],
        "arrayminus": [number(row.estimate - row.low)], "color": color, "thickness": 2, "width": 4,
    }  # fmt: skip
    marker = {"color": color, "size": 10, "symbol": "circle" if is_told else "circle-open",
              "line": {"width": 2, "color": color}}  # fmt: skip
    hover = no_template(f"{chart_text(words(row.label))}: {chart_text(_told(row), longest=60)}") + "<extra></extra>"
    return {
        "type": "scatter", "mode": "markers", "x": [number(row.estimate)], "y": [place], "marker": marker,
        "error_x": error, "hovertemplate": hover,
    }  # fmt: skip


def _told(row: Interval) -> str:
    return f"{plain(row.estimate)} [{plain(row.low)}, {plain(row.high)}], {row.verdict}"
