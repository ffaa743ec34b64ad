"""Bars, standing or lying."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from assay.figure import Bars
from assay.report.axes import chart_layout, chart_text, label_axis, number_axis
from assay.report.figures.numbers import CHART_HEIGHT, number, rows_height

STANDING_CHARACTERS = 48


def draw_bars(figure: Bars) -> dict[str, Any]:
    """Standing bars; lying ones where names are long or many, so that each stays readable.

    Numbers in rising order (the bins of a histogram) always stand: of many, every k-th is named.
    """
    longest = max((len(label) for label in figure.labels), default=0)
    lying = longest > 10 or (len(figure.labels) > 16 and not _rise(figure.labels))
    places = list(range(len(figure.labels)))
    values = [number(value) for value in figure.values]
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
        layout = chart_layout(height=rows_height(len(places), 24), xaxis=measured, yaxis=labelled, bargap=0.3)
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
