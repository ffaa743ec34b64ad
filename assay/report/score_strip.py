"""The two strips of the page: scores against baselines, and the effect of each trick."""

from __future__ import annotations

from dataclasses import dataclass

from assay.report.story import Baseline, RunStory, TrickRow
from assay.report.strip import Axis, Whisker, accuracy_axis, linear_axis, whisker
from assay.report.wording import effect, interval, number, score, words


@dataclass(frozen=True)
class Tick:
    """A text at a position in per cent of the axis."""

    position: float
    text: str


@dataclass(frozen=True)
class ScoreRow:
    """A named score on the strip; `kind` is "baseline", "validation" or "test"."""

    name: str
    kind: str
    value: str
    interval: str
    n: int
    whisker: Whisker


@dataclass(frozen=True)
class ScoreStrip:
    """All scores on one axis; `stretched` says that the axis runs in logarithms of the error."""

    rows: tuple[ScoreRow, ...]
    ticks: tuple[Tick, ...]
    stretched: bool


@dataclass(frozen=True)
class TrickStrip:
    """Rows from the largest effect down, with where no effect lies."""

    rows: tuple[tuple[TrickRow, Whisker], ...]
    ticks: tuple[Tick, ...]
    zero: float


def score_strip(story: RunStory) -> ScoreStrip | None:
    """Baselines from worst to best, then the model; None while there is no score."""
    baselines = sorted((Baseline(*row) for row in story.baselines), key=lambda row: row.value)
    told = [("baseline", words(row.name), row) for row in baselines]
    told += [("validation", "model, validation", story.validation)] if story.validation else []
    told += [("test", "model, test", story.test)] if story.test else []
    if not told:
        return None
    values = [value for _, _, row in told for value in (row.value, row.low, row.high)]
    metric = story.metric
    if metric == "accuracy":
        axis = accuracy_axis(values, max(row.n for _, _, row in told))
    else:
        axis = linear_axis(values, include=(1.0,))
    rows = tuple(
        ScoreRow(
            name, kind, score(metric, row.value), interval(metric, row.low, row.high), row.n,
            whisker(axis, row.value, row.low, row.high),
        )
        for kind, name, row in told
    )  # fmt: skip
    return ScoreStrip(rows, _ticks(axis, metric), axis.errors)


def trick_strip(story: RunStory) -> TrickStrip | None:
    """Every trick on one axis around zero; None before any was tried."""
    tricks = story.best_tricks_first
    if not tricks:
        return None
    axis = linear_axis([v for row in tricks for v in (row.effect, row.low, row.high)], include=(0.0,), count=4)
    rows = tuple((row, whisker(axis, row.effect, row.low, row.high)) for row in tricks)
    ticks = tuple(Tick(axis.position(tick), _short_effect(story.effect_metric, tick)) for tick in axis.ticks)
    return TrickStrip(rows, ticks, axis.position(0.0))


def _ticks(axis: Axis, metric: str) -> tuple[Tick, ...]:
    if metric != "accuracy":
        return tuple(Tick(axis.position(tick), number(float(tick))) for tick in axis.ticks)
    return tuple(Tick(axis.position(tick), f"{100 * tick:.4g} %") for tick in axis.ticks)


def _short_effect(metric: str, tick: float) -> str:
    """An effect without trailing zeros, for a tick: `+0.5`, `0`."""
    text = effect(metric, tick)
    return text.rstrip("0").rstrip(".") or "0" if "." in text else text
