"""The story of a run as plain data: all that a report is made from.

The pipeline tells it, `assay.report` shows it: as a page, in a terminal, as JSON. Values of the
metric are fractions (accuracy .992) or R²; the pages turn them into per cent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from assay.figure import Figure
from assay.finding import Report

Status = Literal["done", "partial", "skipped", "failed"]
STATUSES: tuple[Status, ...] = ("done", "partial", "skipped", "failed")
STAGES = ("inspect", "verify", "baselines", "overfit", "ablate", "tune", "decisions", "squeeze", "test")
"""The order of a report; stages of other names follow these."""

LOWER_IS_BETTER = ("loss", "calibration")
"""Metrics of studies of which less is better."""


@dataclass(frozen=True)
class DataSummary:
    """What the data specification says in one line.

    split_sizes: ("training", 1149), ("validation", 288), ("test", 360).
    noun: what one counts, in the plural, as in "360 held-out digits".
    """

    task: str
    input_shape: tuple[int, ...]
    classes: tuple[str, ...] = ()
    split_sizes: tuple[tuple[str, int], ...] = ()
    noun: str = "examples"


@dataclass(frozen=True)
class StageStory:
    """One stage: its question, what it found, and pictures that belong to no single finding.

    The effects of tricks are drawn from `RunStory.tricks`: `ablate` need not bring a forest plot.
    """

    name: str
    title: str
    question: str
    status: Status
    seconds: float
    report: Report
    figures: tuple[Figure, ...] = ()

    def __post_init__(self) -> None:
        if self.status not in STATUSES:
            raise ValueError(f"status must be one of {', '.join(STATUSES)}, got {self.status!r}")


class Baseline(NamedTuple):
    """A score to beat, with its 95 % interval, on `n` examples."""

    name: str
    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True)
class Score:
    """The model's score with its 95 % interval on `n` examples of a split.

    metric: "accuracy" or "r2".
    reads: how often the split was looked at; told of the test split only.
    """

    metric: str
    value: float
    low: float
    high: float
    n: int
    reads: int | None = None


@dataclass(frozen=True)
class TrickRow:
    """What one trick did to the validation metric, over `n` paired seeds.

    effect, low, high: in units of the metric (.004 is .4 points of accuracy).
    verdict: starts with "helps", "hurts" or "no measurable effect".
    detectable: smallest effect that would have been seen; told where none was.
    seconds_per_step_ratio: step time with the trick over step time without.
    metric: what the effect is measured in, where it is not what the run is scored by.
    more: what a study knows beyond this, in plain values: p, examples, costs, classes.
    """

    trick: str
    effect: float
    low: float
    high: float
    n: int
    verdict: str
    kept: bool
    seconds_per_step_ratio: float | None = None
    detectable: float | None = None
    metric: str | None = None
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_pair(self) -> bool:
        """Whether this is what two tricks add beyond both alone."""
        return " and " in self.trick


@dataclass(frozen=True)
class RunStory:
    """Everything a run has to tell so far; what is not reached yet is None or empty.

    recipe: the recipe in one line. recipe_toml: the text of recipe.toml. versions: ("torch",
    "2.13.0"), ... environment: the same for programs, with device and threads.
    """

    source: str
    name: str
    seed: int
    seconds: float
    budget_seconds: float | None
    hardware: str
    data: DataSummary
    stages: tuple[StageStory, ...] = ()
    baselines: tuple[Baseline, ...] = ()
    validation: Score | None = None
    test: Score | None = None
    tricks: tuple[TrickRow, ...] = ()
    recipe: str | None = None
    recipe_toml: str = ""
    model: str | None = None
    report: str | None = None
    versions: tuple[tuple[str, str], ...] = ()
    environment: Mapping[str, Any] = field(default_factory=dict)

    @property
    def metric(self) -> str:
        """Of the scores; before there are any, what the task is scored by."""
        score = self.test or self.validation
        if score is not None:
            return score.metric
        return "r2" if self.data.task == "regression" else "accuracy"

    @property
    def effect_metric(self) -> str:
        """What the effects of tricks are measured in: that of the scores, unless a study chose another."""
        return next((row.metric for row in self.tricks if row.metric), self.metric)

    @property
    def best_tricks_first(self) -> tuple[TrickRow, ...]:
        """By their effects; of a loss the lowest first. Pairs, which have a map of their own, are not among them."""
        sign = -1 if self.effect_metric in LOWER_IS_BETTER else 1
        alone = (row for row in self.tricks if not row.is_pair)
        return tuple(sorted(alone, key=lambda row: -row.effect * sign))

    @property
    def ordered_stages(self) -> tuple[StageStory, ...]:
        """The stages in the order of the recipe, whatever order they were told in."""
        return tuple(sorted(self.stages, key=lambda stage: _position(stage.name)))

    @property
    def best_baseline(self) -> Baseline | None:
        return max((Baseline(*row) for row in self.baselines), key=lambda row: row.value, default=None)


def _position(name: str) -> int:
    return STAGES.index(name) if name in STAGES else len(STAGES)
