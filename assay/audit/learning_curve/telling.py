"""The learning curve as findings: the band in one sentence, the laws behind it, and which class gains most."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from assay.audit.learning_curve.classes import ClassGain, class_gains
from assay.audit.learning_curve.curve import LEAST_SPAN, Curve
from assay.audit.learning_curve.fit import fit_law
from assay.audit.learning_curve.laws import LAWS
from assay.audit.learning_curve.prediction import FARTHEST, Prediction, predict_error, sample_predictions
from assay.audit.learning_curve.sizes import LEAST_SIZES
from assay.figure import Forest, Interval, Lines, Series
from assay.finding import Finding

HELD_BACK = 2
SOURCE = "Viering and Loog 2023, The Shape of Learning Curves (arXiv:2103.10948)"


def describe_curve(
    curve: Curve, *, times: float = 2.0, classes: Sequence[str] = (), percent: bool = True, seed: int = 0
) -> list[Finding]:
    """The error at `times` the largest measured size, and the classes' gains where they were measured.

    Args:
        times: more than 1, at most 10; usual 2.
        percent: the errors are shares, and shown in per cent; else any loss.
    Raises:
        ValueError: times is outside (1, 10], or the curve's means are not all above 0.
    """
    if not 1.0 < times <= FARTHEST:
        raise ValueError(f"times must be above 1 and at most {FARTHEST:g}, got {times}; the usual value is 2")
    size = round(times * curve.largest)
    prediction = predict_error(curve, size, seed=seed)
    found = [_tell_band(curve, prediction, times, percent, seed)]
    if curve.class_errors is not None and classes:
        found += _tell_classes(class_gains(curve, size, classes=classes, seed=seed), curve, times, percent)
    return found


def _tell_band(curve: Curve, prediction: Prediction, times: float, percent: bool, seed: int) -> Finding:
    seeds, earlier = curve.errors.shape[1], _look_back(curve, seed)
    dropped = [law.name for law in LAWS if law.name not in prediction.kept]
    missed = earlier is not None and not earlier["low"] <= earlier["measured"] <= earlier["high"]
    warning = (
        f" The band that the smaller sizes give for {curve.largest:,} examples missed the measured error: trust this "
        "one little."
        if missed
        else ""
    )
    return Finding(
        "learning_curve",
        "note",
        f"At {times:g} times the data ({prediction.size:,} examples) the error would be "
        f"{_span(prediction.low, prediction.high, percent)}; with {curve.largest:,} it is "
        f"{_number(prediction.now, percent)} (mean of {seeds} seeds, {len(curve.sizes)} sizes).{warning}",
        evidence={"size": prediction.size, "low": prediction.low, "middle": prediction.middle, "high": prediction.high,
                  "confidence": prediction.confidence, "now": prediction.now, "measured": curve.largest,
                  "sizes": list(curve.sizes), "means": curve.means.tolist(), "seeds": seeds,
                  "laws": prediction.by_law, "kept": list(prediction.kept), "dropped": dropped, "look_back": earlier},
        cause=f"The laws that fit what was measured: {', '.join(prediction.kept)}.",
        fix="More examples of the same kind pay: weigh their cost against this band."
        if prediction.high < prediction.now
        else "More examples of the same kind are not shown to pay: look at labels, inputs and model first.",
        source=SOURCE,
        figures=(_figure(curve, prediction, percent, seed),),
    )  # fmt: skip


def _look_back(curve: Curve, seed: int) -> dict[str, float] | None:
    """What the smaller sizes alone would have said of the largest one, which was measured."""
    if len(curve.sizes) < LEAST_SIZES + HELD_BACK:
        return None
    short = curve.up_to(curve.sizes[-1 - HELD_BACK])
    if curve.largest > FARTHEST * short.largest or short.largest < LEAST_SPAN * short.sizes[0]:
        return None
    band = predict_error(short, curve.largest, seed=seed)
    measured = float(curve.means[-1])
    return {"from": short.largest, "at": curve.largest, "low": band.low, "high": band.high, "measured": measured}


def _figure(curve: Curve, prediction: Prediction, percent: bool, seed: int) -> Lines:
    unit = 100.0 if percent else 1.0
    grid = tuple(np.geomspace(curve.sizes[0], prediction.size, 40).round().astype(int).tolist())
    ahead = tuple(size for size in grid if size >= curve.largest)
    _, draws = sample_predictions(curve, ahead, seed=seed)
    pooled = np.concatenate(list(draws.values()))
    tail = (1.0 - prediction.confidence) / 2
    low, high = np.quantile(pooled, [tail, 1.0 - tail], axis=0)
    at, means = np.array(curve.sizes, dtype=float), curve.means
    series = [
        Series("one seed", tuple(map(float, np.repeat(curve.sizes, curve.errors.shape[1]))),
               tuple((unit * curve.errors).ravel().tolist()), "hollow points"),
        Series("mean", tuple(map(float, curve.sizes)), tuple((unit * means).tolist()), "points"),
        Series("band, low", tuple(map(float, ahead)), tuple((unit * low).tolist())),
        Series("band, high", tuple(map(float, ahead)), tuple((unit * high).tolist())),
    ]  # fmt: skip
    for law in (law for law in LAWS if law.name in prediction.kept):
        fit = fit_law(law, at, means[None], 1.0 / means**2)
        fitted = tuple(unit * float(fit.at(size)[0]) for size in grid)
        series.append(Series(f"{law.name}: {law.formula}", tuple(map(float, grid)), fitted, "faint line"))
    label = "error, %" if percent else "error"
    return Lines("Error against training examples", "training examples", label, tuple(series), log_x=True)


def _tell_classes(gains: tuple[ClassGain, ...], curve: Curve, times: float, percent: bool) -> list[Finding]:
    if not gains:
        return []
    first, unit = gains[0], 100.0 if percent else 1.0
    sure = first.sure >= 0.95
    rows = tuple(Interval(gain.name, unit * gain.middle, unit * gain.low, unit * gain.high) for gain in gains)
    label = "fall of the class's error, points" if percent else "fall of the class's error"
    fall = f"error of {_number(first.now, percent)} would fall by {_points(first, percent)}."
    return [
        Finding(
            "class_gains",
            "note",
            f"{first.name!r} gains most from {times:g} times the data: its {fall}"
            if sure
            else f"Which class gains most from {times:g} times the data is unsure: {first.name!r} leads, its {fall}",
            evidence={"n": curve.errors.shape[1], "sizes": list(curve.sizes), "gains": [vars(gain) for gain in gains]},
            fix=f"Collect examples of {first.name!r} first." if sure else "Collect of all the leading classes.",
            source=SOURCE,
            figures=(Forest(f"What {times:g} times the data takes from each class's error", label, rows),),
        )
    ]


def _number(value: float, percent: bool) -> str:
    return f"{100 * value:.1f} %" if percent else f"{value:.3g}"


def _span(low: float, high: float, percent: bool) -> str:
    return f"{100 * low:.1f}–{100 * high:.1f} %" if percent else f"{low:.3g}–{high:.3g}"


def _points(gain: ClassGain, percent: bool) -> str:
    if percent:
        return f"{100 * gain.low:.1f} to {100 * gain.high:.1f} points"
    return f"{gain.low:.3g} to {gain.high:.3g}"
