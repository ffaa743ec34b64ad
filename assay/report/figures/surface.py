"""The score over two settings: the trials as dots, and below them a smoothed surface where trials are near."""

from __future__ import annotations

from typing import Any

from assay.figure import Surface
from assay.report.axes import chart_layout, chart_text
from assay.report.figures.numbers import no_template
from assay.report.figures.setting_scale import SettingScale, scale_numbers, scale_setting
from assay.report.figures.smoothing import FEWEST_POINTS, SmoothSurface, smooth
from assay.report.figures.trials import drawn, failed, scored, standing_out, tell_best, tell_drawn, tell_marked
from assay.tried_settings import Setting

HEIGHT = 400
FEW_DOTS = 100


def draw_surface(figure: Surface) -> dict[str, Any]:
    """The better, the stronger the colour; the marked trial is orange, and what failed a cross."""
    across, down, score = _scales(figure)
    ordered, marked = drawn(placed(figure)), [trial for trial in standing_out(figure.tried) if trial in placed(figure)]
    surface = smooth_scores(figure)
    traces = [] if surface is None else [_cells(figure, surface, score)]
    traces += [_dots(figure, ordered), _best(figure, marked), _crosses(figure)]
    layout = chart_layout(
        height=HEIGHT,
        xaxis={**across.axis(), "showgrid": False},
        yaxis={**down.axis(), "showgrid": False},
        hovermode="closest",
    )
    return {"data": traces, "layout": layout}


def placed(figure: Surface) -> list[int]:
    """Trials that have a score and both settings, the worst first."""
    across, down, score = _scales(figure)
    return [
        trial for trial in scored(figure.tried)
        if None not in (across.places[trial], down.places[trial], score.places[trial])
    ]  # fmt: skip


def smooth_scores(figure: Surface) -> SmoothSurface | None:
    """The surface; None across categories, of few trials, and of trials in a line."""
    across, down, score = _scales(figure)
    if across.is_categorical or down.is_categorical:
        return None
    trials = placed(figure)
    columns = ([scale.places[trial] or 0.0 for trial in trials] for scale in (across, down, score))
    return smooth(*columns, spans=tuple((scale.low, scale.high) for scale in (across, down)))


def describe_surface(figure: Surface) -> str:
    """How many trials, over which settings, and the best."""
    tried = figure.tried
    return (
        f"{tried.score_label} over {figure.x} and {figure.y}: {figure.title}. {tell_drawn(tried)}; {tell_best(tried)}."
    )


def note_of_surface(figure: Surface) -> str:
    """How the surface was made, or why there is none."""
    surface = smooth_scores(figure)
    broken = len(failed(figure.tried))
    told = f"{tell_drawn(figure.tried)}; other settings differ between them. {tell_marked(figure.tried)}"
    told += f" Crosses: {broken} without a score." if broken else ""
    if surface is None:
        return (
            f"{told} No surface is drawn: it takes {FEWEST_POINTS} trials or more, and numbers that vary on both axes."
        )
    shares = (
        width / (scale.high - scale.low) for width, scale in zip(surface.bandwidths, _scales(figure)[:2], strict=True)
    )
    wide, high = (f"{100 * share:.0f} %" for share in shares)
    return (
        f"{told} The surface is a mean of near trials (Gaussian weights, bandwidth {wide} of the width and {high} of "
        "the height, by Scott's rule); it is blank where no trial is within one bandwidth."
    )


def _scales(figure: Surface) -> tuple[SettingScale, SettingScale, SettingScale]:
    tried = figure.tried
    named: dict[str, Setting] = {setting.name: setting for setting in tried.settings}
    score = scale_numbers(tried.score_label, tried.scores, log=tried.log_scores)
    return scale_setting(named[figure.x]), scale_setting(named[figure.y]), score


def _shades(figure: Surface) -> dict[str, Any]:
    score = _scales(figure)[2]
    shades = [[0, "var(--sunken)"], [1, "var(--series-1)"]]
    if figure.tried.lower_is_better:
        shades = [[0, "var(--series-1)"], [1, "var(--sunken)"]]
    return {"colorscale": shades, "cmin": score.low, "cmax": score.high}


def _cells(figure: Surface, surface: SmoothSurface, score: SettingScale) -> dict[str, Any]:
    values = [[None if value is None else float(f"{value:.5g}") for value in row] for row in surface.values]
    return {
        "type": "heatmap", "x": surface.x, "y": surface.y, "z": values, "zmin": score.low, "zmax": score.high,
        "colorscale": _shades(figure)["colorscale"], "showscale": False, "hoverinfo": "skip", "opacity": 0.75,
    }  # fmt: skip


def _dots(figure: Surface, trials: list[int]) -> dict[str, Any]:
    score, few = _scales(figure)[2], len(trials) <= FEW_DOTS
    bar = {
        "title": {"text": chart_text(score.name), "side": "right", "font": {"size": 12, "color": "var(--muted)"}},
        "thickness": 10, "outlinewidth": 0, "tickmode": "array", "xpad": 6,
        "tickvals": [place for place, _ in score.ticks], "ticktext": [text for _, text in score.ticks],
    }  # fmt: skip
    return {
        "type": "scatter", "mode": "markers", **_places(figure, trials),
        "marker": {
            "size": 9 if few else 6, "color": [score.places[trial] for trial in trials], **_shades(figure),
            "colorbar": bar,
            "showscale": True, "line": {"width": 1.2 if few else 0.6, "color": "var(--ink-2)"},
        },
    }  # fmt: skip


def _best(figure: Surface, trials: list[int]) -> dict[str, Any]:
    marker = {"size": 14, "color": "var(--series-2)", "line": {"width": 1.5, "color": "var(--ink)"}}
    return {"type": "scatter", "mode": "markers", **_places(figure, trials), "marker": marker}


def _crosses(figure: Surface) -> dict[str, Any]:
    line = {"width": 1.8, "color": "var(--hurts)"}
    marker = {"size": 8, "color": "var(--hurts)", "symbol": "x-thin", "line": line}
    trials = drawn(failed(figure.tried))
    return {"type": "scatter", "mode": "markers", **_places(figure, trials), "marker": marker}


def _places(figure: Surface, trials: list[int]) -> dict[str, Any]:
    across, down, score = _scales(figure)
    told = [
        no_template(f"trial {t + 1}: {chart_text(across.name)} {across.texts[t]}, {chart_text(down.name)} "
                    f"{down.texts[t]}, {chart_text(score.name)} {score.texts[t]}")
        for t in trials
    ]  # fmt: skip
    return {
        "x": [across.scattered[trial] for trial in trials], "y": [down.scattered[trial] for trial in trials],
        "customdata": told, "hovertemplate": "%{customdata}<extra></extra>",
    }  # fmt: skip
