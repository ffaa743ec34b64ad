"""Trials in parallel coordinates: a line each through one axis a setting, and at the end its score.

Drawn as plain lines, not by Plotly's own kind for it: that one is a bitmap, blurs in print, and has no gaps.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from assay.figure import Parallel
from assay.report.axes import chart_layout, chart_text
from assay.report.figures.numbers import no_template
from assay.report.figures.setting_scale import SettingScale, scale_numbers, scale_setting
from assay.report.figures.trials import (
    drawn,
    failed,
    others,
    standing_out,
    tell_best,
    tell_drawn,
    tell_marked,
    tell_range,
)

HEIGHT = 400
SHADES = 5
FAINTEST = 0.16
FEW_LINES = 60
MOST_OPACITY = 0.85
HEADING_LINE, HEADING_CHARACTERS, MOST_HEADING_LINES = 16, 14, 3


def draw_parallel(figure: Parallel) -> dict[str, Any]:
    """The better, the stronger; the best stands out, and what failed is dotted."""
    tried = figure.tried
    scales = [scale_setting(setting) for setting in tried.settings]
    scales.append(scale_numbers(tried.score_label, tried.scores, log=tried.log_scores))
    ordered, marked, broken = drawn(others(tried)), standing_out(tried), drawn(failed(tried))
    most_lines = max(len(heading(scale.name)) for scale in scales)
    width = 1.6 if len(ordered) <= FEW_LINES else 1.0
    thin = min(1.0, (2 * FEW_LINES / max(len(ordered), 1)) ** 0.5)  # many strong lines would be a blot
    traces = [_lines(broken, scales, "var(--hurts)", width, 0.55, dash="dot")] if broken else []
    for level, group in enumerate(_shades(ordered)):
        opacity = (FAINTEST + (MOST_OPACITY - FAINTEST) * level / (SHADES - 1)) * thin
        traces.append(_lines(group, scales, "var(--series-1)", width, opacity))
    traces += [_lines(marked, scales, "var(--series-2)", 3.0, 1.0)]
    layout = chart_layout(
        height=HEIGHT,
        margin={"l": 48, "r": 48, "t": 22 + HEADING_LINE * most_lines, "b": 14},
        xaxis={"range": [-0.12, len(scales) - 0.88], "visible": False},
        yaxis={"range": [-0.04, 1.04], "visible": False},
        shapes=[_axis_line(place) for place in range(len(scales))],
        annotations=[note for place, scale in enumerate(scales) for note in _axis_texts(place, scale)],
        hovermode="closest",
    )
    return {"data": traces, "layout": layout}


def describe_parallel(figure: Parallel) -> str:
    """How many trials, what was tried, and the best."""
    tried = figure.tried
    return f"Parallel coordinates: {figure.title}. {tell_drawn(tried)}; {tell_best(tried)}. Tried: {tell_range(tried)}."


def note_of_parallel(figure: Parallel) -> str:
    """How to read the lines."""
    broken = len(failed(figure.tried))
    told = f" Dotted red: {broken} without a score." if broken else ""
    better = "lower" if figure.tried.lower_is_better else "higher"
    return (
        f"{tell_drawn(figure.tried)}; the stronger the line, the better its rank ({better} {figure.tried.score_label} "
        f"is better). {tell_marked(figure.tried)} A gap is a setting that a trial had not.{told}"
    )


def _shades(ordered: Sequence[int]) -> list[list[int]]:
    """Groups of equal size, the worst first, so that one wild score does not make all others look alike."""
    bounds = [round(level * len(ordered) / SHADES) for level in range(SHADES + 1)]
    return [list(ordered[start:end]) for start, end in pairwise(bounds)]


def _lines(
    trials: Sequence[int], scales: Sequence[SettingScale], color: str, width: float, opacity: float, dash: str = "solid"
) -> dict[str, Any]:
    """Many trials in one trace, a gap between each two: hundreds of traces would be slow."""
    x: list[float | None] = []
    y: list[float | None] = []
    told: list[str | None] = []
    for trial in trials:
        for place, scale in enumerate(scales):
            there = scale.scattered[trial]
            x.append(place)
            y.append(None if there is None else round(scale.share(there), 5))
            told.append(no_template(f"trial {trial + 1}, {chart_text(scale.name)}: {scale.texts[trial]}"))
        x, y, told = [*x, None], [*y, None], [*told, None]
    return {
        "type": "scatter", "mode": "lines+markers", "x": x, "y": y, "customdata": told, "opacity": opacity,
        "line": {"color": color, "width": width, "dash": dash}, "marker": {"color": color, "size": width + 2},
        "hovertemplate": "%{customdata}<extra></extra>", "connectgaps": False,
    }  # fmt: skip


def _axis_line(place: int) -> dict[str, Any]:
    return {
        "type": "line", "x0": place, "x1": place, "y0": 0, "y1": 1, "line": {"color": "var(--line-2)", "width": 1.5},
    }  # fmt: skip


def _axis_texts(place: int, scale: SettingScale) -> list[dict[str, Any]]:
    name = {
        "text": f"<b>{'<br>'.join(heading(scale.name))}</b>", "x": place, "y": 1.04, "yanchor": "bottom",
        "xanchor": "center", "showarrow": False, "yshift": 8, "font": {"size": 12, "color": "var(--ink)"},
    }  # fmt: skip
    return [name, *(_tick(place, scale.share(at), text) for at, text in scale.ticks)]


def heading(name: str) -> list[str]:
    """The name over lines so short that two neighbours never touch: `accuracy at`, `the last look`."""
    lines = textwrap.wrap(re.sub(r"[_.]", lambda mark: mark[0] + " ", name), HEADING_CHARACTERS) or [""]
    joined = [re.sub(r"([_.]) ", r"\1", line) for line in lines]
    return [chart_text(line, longest=HEADING_CHARACTERS) for line in joined[:MOST_HEADING_LINES]]


def _tick(place: int, share: float, text: str) -> dict[str, Any]:
    return {
        "text": text, "x": place, "y": round(share, 5), "xanchor": "right", "xshift": -4, "showarrow": False,
        "font": {"size": 11, "color": "var(--ink-2)"}, "bgcolor": "var(--surface)", "opacity": 0.85, "borderpad": 1,
    }  # fmt: skip
