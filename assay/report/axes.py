"""Axes of charts: round ticks that never run into each other, names in full, colours by the page's names."""

from __future__ import annotations

import html
import math
import textwrap
from collections.abc import Iterable, Sequence
from typing import Any

from assay.report.strip import linear_axis

TITLE_WIDTH = 34
"""Characters of a line: so much stands below the bars of a telephone, right of their names."""
MOST_DECADES = 8
LEADING = (1.0, 2.0, 5.0)
FEW_TIMES, NO_SPAN, TEXT_SHARE = 5.0, 1.001, 0.16
AT_MOST_ONE = ("accuracy", "r2", "f1", "recall", "share")
"""Quantities that end at 1, by the first word of an axis's name or its last."""
PLAIN = (1e-3, 1e4)
"""Ticks between these are written out; beyond, all ticks of an axis are powers of ten."""


def chart_layout(*, height: int, **more: Any) -> dict[str, Any]:
    """What all charts share: no frame, the page's font, the legend above."""
    return {
        "height": height, "margin": {"l": 8, "r": 12, "t": 12, "b": 8}, "showlegend": False,
        "paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": "rgba(0,0,0,0)", "dragmode": False,
        "font": {"family": "var(--sans)", "size": 12.5, "color": "var(--ink-2)"},
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "xanchor": "left", "yanchor": "bottom"},
        "hoverlabel": {
            "bgcolor": "var(--surface)", "bordercolor": "var(--line-2)", "font": {"color": "var(--ink)"},
        },
        **more,
    }  # fmt: skip


def number_axis(label: str, *, log: bool = False, values: Iterable[float] = ()) -> dict[str, Any]:
    """An axis of numbers; on a log one the ticks are `log_ticks` of the values above 0."""
    scale: dict[str, Any] = {"type": "linear", "nticks": 7}
    if log:
        held = [value for value in values if math.isfinite(value) and value > 0] or [1.0]
        ticks = log_ticks(min(held), max(held))
        scale = {"type": "log", "tickmode": "array", "tickvals": list(ticks), "ticktext": tick_texts(ticks)}
    return {
        "title": axis_title(label), "gridcolor": "var(--line)", "zerolinecolor": "var(--line-2)", "zeroline": not log,
        "zerolinewidth": 1, "linecolor": "var(--line-2)", "automargin": True, "exponentformat": "e", **scale,
    }  # fmt: skip


def level_range(label: str, values: Iterable[float]) -> list[float] | None:
    """Where a linear axis starts and ends if all values are the same; None where they differ.

    Plotly's own would reach a whole unit to both sides, into what the quantity cannot be: below 0, or above 1.
    """
    held = {value for value in values if math.isfinite(value)}
    if len(held) != 1:
        return None
    value = held.pop()
    if value == 0:
        return [-0.05, 1.0]
    words = label.lower().split()
    ends_at_one = 0 < value <= 1 and bool({words[0], words[-1]} & set(AT_MOST_ONE)) if words else False
    low, high = sorted((0.9 * value, 1.1 * value))
    return [low, 1.0 + 0.1 * (1.0 - low) if ends_at_one and high > 1 else high]


def place_of_zero(values: Iterable[float]) -> float:
    """Where 0 is drawn on a logarithmic axis: at a value below all that are above 0, with a gap between."""
    above = [value for value in values if math.isfinite(value) and value > 0]
    if not above:
        return 1.0
    span = math.log10(max(above) / min(above))
    return min(above) / 10.0 ** max(0.3, 0.2 * span)


def log_ticks(low: float, high: float) -> tuple[float, ...]:
    """Round values between 0 < low <= high, and a little beyond, where an axis may still reach.

    Whole decades, every second or third of many; over less than two decades 1, 2 and 5 of each; over
    less than a factor of 5, equal steps.
    """
    bottom, top = math.log10(low), math.log10(high)
    span, decades = top - bottom, range(max(math.floor(bottom) - 1, -307), min(math.ceil(top) + 2, 308))
    if high < NO_SPAN * low:
        return (float(f"{low:.4g}"),)
    if high < FEW_TIMES * low:
        ticks = _apart([tick for tick in linear_axis([low, high]).ticks if tick > 0], span)
    elif span < 2:
        ticks = tuple(lead * 10.0**power for power in decades for lead in LEADING)
    else:
        every = math.ceil(span / MOST_DECADES)
        ticks = tuple(10.0**power for power in decades if power % every == 0)
    air = 10.0 ** (0.06 * span)
    return tuple(float(f"{tick:.6g}") for tick in ticks if low / air <= tick <= high * air) or (low,)


def _apart(ticks: Sequence[float], span: float) -> tuple[float, ...]:
    """Equal steps draw together towards the top: the last stays, and below it what leaves room for its text."""
    kept: list[float] = []
    for tick in reversed(ticks):
        if not kept or math.log10(kept[-1] / tick) >= TEXT_SHARE * span:
            kept.append(tick)
    return tuple(reversed(kept))


def tick_texts(ticks: Sequence[float]) -> list[str]:
    """Written out where all are of usual size, else as powers of ten."""
    if all(PLAIN[0] <= tick <= PLAIN[1] for tick in ticks):
        return [f"{tick:.6g}" for tick in ticks]
    return [_power(tick) for tick in ticks]


def _power(tick: float) -> str:
    """`10<sup>-5</sup>`, `2 x 10<sup>-5</sup>`: Plotly draws these tags."""
    power = math.floor(math.log10(tick) + 1e-9)
    lead = f"{tick / 10.0**power:.4g}"
    raised = f"10<sup>{power}</sup>".replace("-", "\N{MINUS SIGN}")
    if power == 0:
        return lead
    return raised if lead == "1" else f"{lead} \N{MULTIPLICATION SIGN} {raised}"


def axis_title(label: str) -> dict[str, Any]:
    """An axis's name, over several lines if it is long."""
    lines = "<br>".join(chart_text(line, longest=64) for line in textwrap.wrap(label, TITLE_WIDTH))
    return {"text": lines, "standoff": 10, "font": {"size": 12.5, "color": "var(--muted)"}}


def label_axis(labels: Sequence[str], *, reverse: bool = False, most: int = 40) -> dict[str, Any]:
    """Names at positions 0, 1, ...; at most `most` of them, else every k-th."""
    every = max(1, math.ceil(len(labels) / most))
    places = list(range(0, len(labels), every))
    edges = [-0.5, len(labels) - 0.5]
    return {
        "tickmode": "array", "tickvals": places, "ticktext": [chart_text(labels[place]) for place in places],
        "range": edges[::-1] if reverse else edges, "showgrid": False, "zeroline": False, "automargin": True,
        "gridcolor": "var(--line)", "ticks": "", "ticklabelstandoff": 6,
    }  # fmt: skip


def chart_text(text: str, *, longest: int = 28) -> str:
    """Text for Plotly, which reads tags in its labels: escaped, and shortened in its middle."""
    if len(text) > longest:
        half = (longest - 1) // 2
        text = f"{text[:half]}\N{HORIZONTAL ELLIPSIS}{text[-half:]}"
    return html.escape(text, quote=False)
