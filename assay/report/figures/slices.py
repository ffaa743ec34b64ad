"""Small charts of the score against each setting alone, as many in a row as there is room for."""

from __future__ import annotations

import math
import statistics
from typing import Any

from markupsafe import Markup

from assay.figure import Slices
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
from assay.report.markup import chart_html

HEIGHT = 230


def draw_slices(figure: Slices) -> Markup:
    """A chart a setting; all have the same axis of scores."""
    charts = (
        chart_html(_slice(figure, scale), f"{figure.tried.score_label} against {scale.name}")
        for scale in map(scale_setting, figure.tried.settings)
    )
    return Markup('<div class="small-charts">{}</div>').format(Markup("").join(charts))


def describe_slices(figure: Slices) -> str:
    """How many trials, what was tried, and the best."""
    tried = figure.tried
    names = ", ".join(setting.name for setting in tried.settings)
    told = f"{tell_drawn(tried)}; {tell_best(tried)}. Tried: {tell_range(tried)}."
    return f"{tried.score_label} against each of {names}: {figure.title}. {told}"


def note_of_slices(figure: Slices) -> str:
    """What else differs between the dots."""
    broken = len(failed(figure.tried))
    told = f" Crosses at the edge: {broken} without a score." if broken else ""
    is_named = any(scale_setting(setting).is_categorical for setting in figure.tried.settings)
    medians = " A bar is the median of a category." if is_named else ""
    return (
        f"{tell_drawn(figure.tried)}; the other settings differ between the dots. "
        f"{tell_marked(figure.tried)}{medians}{told}"
    )


def _slice(figure: Slices, scale: SettingScale) -> dict[str, Any]:
    tried = figure.tried
    score = scale_numbers(tried.score_label, tried.scores, log=tried.log_scores)
    placed = [trial for trial in drawn(others(tried)) if score.places[trial] is not None]
    marked = [trial for trial in standing_out(tried) if score.places[trial] is not None]
    edge = score.high if tried.lower_is_better else score.low
    traces = [_dots(figure, scale, score, placed, "var(--series-1)", 6)]
    if scale.is_categorical:
        traces.append(_medians(scale, score))
    traces.append(_crosses(figure, scale, edge))
    traces.append(_dots(figure, scale, score, marked, "var(--series-2)", 11))
    across = {**scale.axis(), "nticks": 4}
    layout = chart_layout(height=HEIGHT, xaxis=across, yaxis=score.axis(), hovermode="closest")
    return {"data": traces, "layout": layout}


def _dots(
    figure: Slices, scale: SettingScale, score: SettingScale, trials: list[int], color: str, size: int
) -> dict[str, Any]:
    return {
        "type": "scatter", "mode": "markers", "x": [scale.scattered[trial] for trial in trials],
        "y": [score.places[trial] for trial in trials],
        "customdata": [_told(figure, scale, trial) for trial in trials],
        "marker": {"color": color, "size": size, "opacity": 0.65 if size < 10 else 1.0},
        "hovertemplate": "%{customdata}<extra></extra>",
    }  # fmt: skip


def _crosses(figure: Slices, scale: SettingScale, edge: float) -> dict[str, Any]:
    trials, line = drawn(failed(figure.tried)), {"width": 1.5, "color": "var(--hurts)"}
    return {
        "type": "scatter", "mode": "markers", "x": [scale.scattered[trial] for trial in trials],
        "y": [edge] * len(trials), "customdata": [_told(figure, scale, trial) for trial in trials],
        "marker": {"color": "var(--hurts)", "size": 7, "symbol": "x-thin", "line": line},
        "hovertemplate": "%{customdata}<extra></extra>", "cliponaxis": False,
    }  # fmt: skip


def _medians(scale: SettingScale, score: SettingScale) -> dict[str, Any]:
    held: dict[float, list[float]] = {}
    for place, there in zip(scale.places, score.places, strict=True):
        if place is not None and there is not None:
            held.setdefault(place, []).append(there)
    places = sorted(held)
    return {
        "type": "scatter", "mode": "markers", "x": places, "y": [statistics.median(held[place]) for place in places],
        "marker": {"symbol": "line-ew", "size": 26, "line": {"width": 2.5, "color": "var(--ink)"}}, "hoverinfo": "skip",
    }  # fmt: skip


def _told(figure: Slices, scale: SettingScale, trial: int) -> str:
    score = figure.tried.scores[trial]
    told = f"{score:.4g}" if math.isfinite(score) else "no score"
    return no_template(f"trial {trial + 1}: {chart_text(scale.name)} {scale.texts[trial]}, {told}")
