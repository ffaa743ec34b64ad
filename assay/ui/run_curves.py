"""Curves of the trainings of one stage as two figures: the loss, and what the validation split says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from assay.figure import Lines, Marks, Series
from assay.training.live import Curve

MOST_ALIKE = 8
"""Trainings that are told apart by colour; of more, the last one stands before the others."""
MOST_CURVES, PARTS = 40, 40
LOSSES = "Training loss, mean of the last fortieth of the steps"
"""The same while a training goes on: only what is drawn changes."""


def stages_with_curves(curves: Mapping[str, Curve]) -> tuple[str, ...]:
    """In the order they were told of last."""
    return tuple(dict.fromkeys(curve.stage for curve in curves.values()))


def curves_of(curves: Mapping[str, Curve], stage: str) -> list[Curve]:
    """The last trainings of a stage, the one under way at the end."""
    return [curve for curve in curves.values() if curve.stage == stage][-MOST_CURVES:]


def draw_losses(curves: Iterable[Curve]) -> Lines:
    """Training loss by step, on a scale on which late gains show, too.

    Each the mean of the last fortieth of the steps: batches differ more than a training gains.
    """
    held = list(curves)
    span = max([1, *(len(curve.losses) // PARTS for curve in held)])
    lines = _lines(LOSSES, "loss", [(curve, trailing_mean(curve.losses, span)) for curve in held])
    return replace(lines, log_y=all(value > 0 for series in lines.series for value in series.y))


def draw_values(curves: Iterable[Curve]) -> Lines:
    """The metric on the validation split by step; where each training looks but once, at its end, by training."""
    held = list(curves)
    metric = next((curve.metric for curve in held), "") or "metric"
    seen = [curve for curve in held if curve.values]
    if len(seen) > 1 and all(len(curve.values) == 1 for curve in seen):
        ends = {float(place): next(iter(curve.values.values())) for place, curve in enumerate(seen, start=1)}
        series = Series("", tuple(ends), tuple(ends.values()), "points")
        return Lines(f"Validation {metric} at the end of each", "training, in their order", metric, (series,))
    return _lines(f"Validation {metric}", metric, [(curve, curve.values) for curve in seen])


def trailing_mean(points: dict[int, float], span: int) -> dict[int, float]:
    """The mean of each value and those told before it, `span` of them at most; what is no number spoils only these."""
    if span == 1 or not points:
        return points
    steps = sorted(points)
    sums = np.convolve([points[step] for step in steps], np.ones(span))[: len(steps)]
    return dict(zip(steps, (sums / np.minimum(np.arange(1, len(steps) + 1), span)).tolist(), strict=True))


def _lines(title: str, y_label: str, held: list[tuple[Curve, dict[int, float]]]) -> Lines:
    told = [(curve, points) for curve, points in held if points]
    few = len(told) <= MOST_ALIKE
    series = [_series(curve, points, few or place == len(told) - 1) for place, (curve, points) in enumerate(told)]
    return Lines(title, "step", y_label, tuple(series))


def _series(curve: Curve, points: dict[int, float], in_front: bool) -> Series:
    steps = sorted(points)
    marks: Marks = ("points" if in_front else "hollow points") if len(steps) == 1 else (
        "line" if in_front else "faint line")  # fmt: skip
    name = f"{curve.text}{'' if curve.done else ' (under way)'}"
    return Series(name, tuple(map(float, steps)), tuple(points[step] for step in steps), marks)
