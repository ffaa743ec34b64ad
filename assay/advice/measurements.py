"""All that the rules may know of a run, read once; what was not measured is None or empty."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assay.advice.asked import AskedData
from assay.advice.command import Place
from assay.advice.curves import Curves, may_be_chance
from assay.finding import Finding
from assay.intervals import difference_interval
from assay.recipe import Recipe
from assay.training.sample import SplitScore


@dataclass(frozen=True, eq=False)
class Measurements:
    """Of one run, or of one training.

    folder: the run's own; None for a training that is only in memory. recipe_file: its recipe, if it lies there.
    stages: the stages that finished; missing: those of a whole run that did not.
    training, validation: scores of one finished network, without augmentation; the gap is between these two.
    shipped: the score on validation of what ships, which may be several networks.
    scores: of each validation example, of what ships, with a digest of which examples they are.
    target: the score that is wanted; target_from: who says so. chance: what the best constant answer reaches.
    neighbours: examples whose 5 nearest others all bear one class, and how many of them bear another one.
    judged: training labels that `assay clean` judged beside the run, and how many of them it flagged.
    findings: what the stages found, by "stage.id".
    unread: files of the folder that are there and cannot be read, each with the reason.
    """

    asked: AskedData = field(default_factory=AskedData)
    folder: Path | None = None
    recipe_file: Path | None = None
    stages: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    metric: str = "accuracy"
    recipe: Recipe | None = None
    curves: Curves | None = None
    training: SplitScore | None = None
    validation: SplitScore | None = None
    shipped: SplitScore | None = None
    test: SplitScore | None = None
    test_reads: int | None = None
    scores: Mapping[str, Any] | None = None
    target: float | None = None
    target_from: str = ""
    chance: float | None = None
    input_shape: tuple[int, ...] = ()
    examples: int | None = None
    validation_examples: int | None = None
    per_class: Mapping[str, int] = field(default_factory=dict)
    neighbours: tuple[int, int] | None = None
    judged: tuple[int, int] | None = None
    baseline: tuple[str, float, float, float, int] | None = None
    tricks: tuple[Mapping[str, Any], ...] = ()
    findings: Mapping[str, Finding] = field(default_factory=dict)
    unread: tuple[str, ...] = ()

    @property
    def place(self) -> Place:
        """Where the next command is run from."""
        return Place(self.asked, self.folder, self.recipe_file)

    @property
    def goal(self) -> float:
        """The target, or a score of 1 where none is known."""
        return 1.0 if self.target is None else self.target

    @property
    def shortfall(self) -> float | None:
        """How far validation is below the goal; 0 where it is reached."""
        score = self.validation or self.shipped
        if score is None or not math.isfinite(score.value):
            return None if score is None else self.goal
        return max(0.0, self.goal - score.value)

    @property
    def training_shortfall(self) -> float | None:
        """How far the score on training examples is below the goal."""
        if self.training is None:
            return None
        return max(0.0, self.goal - self.training.value) if math.isfinite(self.training.value) else self.goal

    @property
    def is_at_chance(self) -> bool:
        """Whether the score on training examples may be no better than the best constant answer's."""
        return may_be_chance(self.training, self.chance)

    @property
    def gap(self) -> tuple[float, float, float] | None:
        """Training less validation, with its 95 % limits."""
        if self.training is None or self.validation is None:
            return None
        low, high = difference_interval(self.training, self.validation)
        value = self.training.value - self.validation.value
        return (value, low, high) if all(map(math.isfinite, (value, low, high))) else None

    def at_most(self, part: float) -> float:
        """What a cause of so much error can bring: not more than the goal asks for."""
        return part if self.shortfall is None else min(part, self.shortfall)

    def find(self, name: str) -> Finding | None:
        """What a stage found: "verify.label_noise"."""
        return self.findings.get(name)
