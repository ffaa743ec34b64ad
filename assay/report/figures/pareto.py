"""Gain against cost: dots with intervals, the frontier, and every name in a column of its own beside the chart.

Names stand in the order of their gains, each joined to its dot by a thin line: so they never lie on each other,
however close the dots are.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from assay.figure import CostedGain, Pareto
from assay.report.axes import chart_layout, chart_text, number_axis
from assay.report.figures.forest import verdict_color, verdict_kind, verdict_symbol
from assay.report.figures.numbers import no_template, number, plain
from assay.report.strip import linear_axis
from assay.report.wording import count

NAME_PIXELS, SECOND_LINE_PIXELS, MARGIN_PIXELS, CHARACTER_PIXELS = 22, 14, 88, 7.2
LEAST_HEIGHT = 340
BASELINE = "baseline"
LONGEST_NAME = 18
"""Of each of a name's two lines: so much stands beside a chart on a telephone."""


def draw_pareto(figure: Pareto) -> dict[str, Any]:
    """A dot each, the frontier as stairs, the baseline as a square."""
    points = known_points(figure)
    names = [name_lines(point.label) for point in points]
    pixels = NAME_PIXELS + (SECOND_LINE_PIXELS if any(len(lines) > 1 for lines in names) else 0)
    height = max(LEAST_HEIGHT, pixels * len(points) + MARGIN_PIXELS)
    costs = [point.cost for point in points] + [cost for cost in (figure.baseline_cost,) if cost is not None]
    across = linear_axis(costs)
    down = linear_axis([limit for point in points for limit in (point.low, point.high, point.gain)], include=(0.0,))
    heights = name_heights([point.gain for point in points], down.low, down.high, height, pixels)
    traces = [*_frontier(figure, across.high), *map(_dot, points)]
    if figure.baseline_cost is not None:
        traces.append(_baseline(figure.baseline_cost))
    room = max([60.0, *(CHARACTER_PIXELS * len(line) for lines in names for line in lines)])
    layout = chart_layout(
        height=height,
        margin={"l": 8, "r": 14 + int(room), "t": 12, "b": 8},
        xaxis={**number_axis(figure.cost_label), "range": [across.low, across.high]},
        yaxis={**number_axis(figure.gain_label), "range": [down.low, down.high]},
        shapes=[_zero(), *(_leader(p, h, across.high) for p, h in zip(points, heights, strict=True))],
        annotations=[_name("<br>".join(n), p, h) for n, p, h in zip(names, points, heights, strict=True)],
    )
    return {"data": traces, "layout": layout}


def known_points(figure: Pareto) -> list[CostedGain]:
    """Those with a cost and a gain, the largest gain first."""
    known = (point for point in figure.points if math.isfinite(point.cost) and math.isfinite(point.gain))
    return sorted(known, key=lambda point: -point.gain)


def frontier(figure: Pareto) -> list[tuple[float, float, str]]:
    """(cost, gain, label) of what nothing else beats in both, the cheapest first; the baseline may be among them.

    Where there are verdicts, of what helps: the rest may be luck.
    """
    points = known_points(figure)
    if any(point.verdict for point in points):
        points = [point for point in points if verdict_kind(point.verdict) == "helps"]
    choices = [(point.cost, point.gain, point.label) for point in points]
    if figure.baseline_cost is not None:
        choices.append((figure.baseline_cost, 0.0, BASELINE))
    best: list[tuple[float, float, str]] = []
    for cost, gain, label in sorted(choices, key=lambda choice: (choice[0], -choice[1])):
        if not best or gain > best[-1][1]:
            best.append((cost, gain, label))
    return best


def name_lines(label: str) -> list[str]:
    """`EMA(decay=0.99)` as its name and, on a line of their own, its settings; empty brackets are left out."""
    name, bracket, settings = label.partition("(")
    if not (bracket and settings.endswith(")") and name.strip()):
        return [chart_text(label, longest=LONGEST_NAME)]
    return [chart_text(line, longest=LONGEST_NAME) for line in (name, settings[:-1]) if line]


def name_heights(
    gains: Sequence[float], low: float, high: float, height: int, pixels: int = NAME_PIXELS
) -> list[float]:  # fmt: skip
    """Where each name stands, in the chart's own numbers: near its gain, and a line's height below the one before.

    gains: the largest first. Names are pushed down past each other, then up again where they left the chart.
    """
    line = (high - low) * pixels / (height - MARGIN_PIXELS)
    places: list[float] = []
    for gain in gains:
        places.append(min(gain, places[-1] - line if places else high - line / 2))
    least = low + line / 2
    for index in reversed(range(len(places))):
        places[index] = max(places[index], least)
        least = places[index] + line
    return places


def describe_pareto(figure: Pareto) -> str:
    """Every gain with its cost, and the frontier."""
    told = ", ".join(
        f"{p.label} costs {plain(p.cost)} and gains {plain(p.gain)} [{plain(p.low)}, {plain(p.high)}]"
        for p in known_points(figure)
    )
    ends = ", ".join(label for _, _, label in frontier(figure))
    return f"Gain against cost: {figure.title}. {told or 'nothing was measured'}. Not beaten in both: {ends or 'none'}."


def note_of_pareto(figure: Pareto) -> str:
    """What marks and the line mean, and how far to trust it."""
    missing = len(figure.points) - len(known_points(figure))
    has_verdicts = any(point.verdict for point in figure.points)
    told = ["Bars are 95 % intervals."]
    if figure.baseline_cost is not None:
        told.append("The square is the baseline.")
    if has_verdicts:
        told.append("Green dots help, red diamonds hurt; of hollow grey ones no effect was measurable.")
    if _has_stairs(figure):
        what = "what helps and" if has_verdicts else "what"
        told.append(
            f"The stairs join {what} nothing else beats in both cost and gain, by estimates alone: where intervals "
            "overlap, the order may be luck."
        )
    if missing:
        told.append(f"Without an estimate or a cost, and left out: {count(missing, 'point')}.")
    return " ".join(told)


def _dot(point: CostedGain) -> dict[str, Any]:
    color = verdict_color(point.verdict)
    limits = f"{plain(point.gain)} [{plain(point.low)}, {plain(point.high)}]"
    told = f"{chart_text(point.label)}: {limits}, cost {plain(point.cost)}, {chart_text(point.verdict)}"
    error = {} if None in (number(point.low), number(point.high)) else {
        "error_y": {
            "type": "data", "symmetric": False, "array": [point.high - point.gain],
            "arrayminus": [point.gain - point.low], "color": color, "thickness": 1.5, "width": 3,
        }
    }  # fmt: skip
    return {
        "type": "scatter", "mode": "markers", "x": [number(point.cost)], "y": [number(point.gain)],
        "marker": {
            "color": color, "size": 10, "symbol": verdict_symbol(point.verdict), "line": {"width": 2, "color": color},
        },
        "hovertemplate": no_template(told) + "<extra></extra>", **error,
    }  # fmt: skip


def _frontier(figure: Pareto, end: float) -> list[dict[str, Any]]:
    """Stairs to the end of the chart; none to nothing but the baseline."""
    if not _has_stairs(figure):
        return []
    steps = frontier(figure)
    x, y = [cost for cost, _, _ in steps], [gain for _, gain, _ in steps]
    return [{
        "type": "scatter", "mode": "lines", "x": [*x, end], "y": [*y, y[-1]], "hoverinfo": "skip",
        "line": {"color": "var(--gold)", "width": 2, "shape": "hv"},
    }]  # fmt: skip


def _has_stairs(figure: Pareto) -> bool:
    return any(label != BASELINE for _, _, label in frontier(figure))


def _baseline(cost: float) -> dict[str, Any]:
    return {
        "type": "scatter", "mode": "markers", "x": [cost], "y": [0],
        "marker": {"color": "var(--ink)", "size": 9, "symbol": "square"},
        "hovertemplate": f"baseline: gains 0, cost {plain(cost)}<extra></extra>",
    }  # fmt: skip


def _leader(point: CostedGain, height: float, end: float) -> dict[str, Any]:
    return {
        "type": "line", "x0": number(point.cost), "y0": number(point.gain), "x1": end, "y1": number(height),
        "layer": "below", "line": {"color": "var(--line-2)", "width": 1},
    }  # fmt: skip


def _name(name: str, point: CostedGain, height: float) -> dict[str, Any]:
    clear = verdict_kind(point.verdict) != "unclear"
    return {
        "text": name, "xref": "paper", "x": 1, "y": number(height), "xanchor": "left", "yanchor": "middle",
        "xshift": 4, "showarrow": False, "align": "left",
        "font": {"size": 12, "color": verdict_color(point.verdict) if clear else "var(--muted)"},
    }  # fmt: skip


def _zero() -> dict[str, Any]:
    return {
        "type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": 0, "y1": 0, "layer": "below",
        "line": {"color": "var(--muted)", "width": 1.2, "dash": "dot"},
    }  # fmt: skip
