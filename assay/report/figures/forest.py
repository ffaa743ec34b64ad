"""Forest plots: an estimate and its interval in each row."""

from __future__ import annotations

from typing import Any

from assay.figure import Forest, Interval
from assay.report.axes import chart_layout, chart_text, label_axis, number_axis
from assay.report.figures.numbers import no_template, number, plain, rows_height


def draw_forest(figure: Forest) -> dict[str, Any]:
    """Dots with intervals around a line at 0; green helps, red hurts, grey cannot be told."""
    places = range(len(figure.rows))
    traces = [_forest_row(row, place) for place, row in zip(places, figure.rows, strict=True)]
    zero = {
        "type": "line", "x0": 0, "x1": 0, "yref": "paper", "y0": 0, "y1": 1,
        "line": {"color": "var(--muted)", "width": 1.2, "dash": "dot"},
    }  # fmt: skip
    layout = chart_layout(
        height=rows_height(len(figure.rows), 34),
        # Few ticks, and level: in a narrow window more would be turned to fit.
        xaxis={**number_axis(figure.x_label), "nticks": 5, "tickangle": 0},
        yaxis={**label_axis([row.label for row in figure.rows], reverse=True), "showgrid": True},
        shapes=[zero],
    )
    return {"data": traces, "layout": layout}


def _forest_row(row: Interval, place: int) -> dict[str, Any]:
    color, symbol = verdict_color(row.verdict), verdict_symbol(row.verdict)
    low, high, estimate = number(row.low), number(row.high), number(row.estimate)
    error = {} if None in (low, high, estimate) else {
        "error_x": {
            "type": "data", "symmetric": False, "array": [row.high - row.estimate],
            "arrayminus": [row.estimate - row.low], "color": color, "thickness": 2, "width": 4,
        }
    }  # fmt: skip
    limits = f"{plain(row.estimate)} [{plain(row.low)}, {plain(row.high)}]"
    told = f"{chart_text(row.label)}: {limits} {chart_text(row.verdict)}"
    return {
        "type": "scatter", "mode": "markers", "x": [estimate], "y": [place],
        "marker": {"color": color, "size": 10, "symbol": symbol, "line": {"width": 2, "color": color}},
        "hovertemplate": no_template(told) + "<extra></extra>", **error,
    }  # fmt: skip


def verdict_kind(verdict: str) -> str:
    """`helps`, `hurts` or `unclear`, from the first word of a verdict."""
    first = verdict.split(" ", 1)[0].lower().strip(",.;:")
    return first if first in ("helps", "hurts") else "unclear"


def verdict_color(verdict: str) -> str:
    """Green helps, red hurts, grey cannot be told."""
    return f"var(--{verdict_kind(verdict)})"


def verdict_symbol(verdict: str) -> str:
    """A shape for each kind too, for those who see no colours."""
    return {"helps": "circle", "hurts": "diamond", "unclear": "circle-open"}[verdict_kind(verdict)]
