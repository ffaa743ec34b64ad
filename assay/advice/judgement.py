"""What a rule says of a run: that all is well, what to do next, or which measurement it lacks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from assay.advice.command import Command

if TYPE_CHECKING:
    from assay.advice.measurements import Measurements

Quantity = Literal["validation", "training", "known"]
"""What an advice changes: a score, or that something is known which was not."""


RATE, BATCH, LENGTH = "learning rate", "batch size", "length of the training"
"""Settings that several rules change."""

Way = Literal["up", "down"]

REMEDY = "remedy_moves"
"""In the evidence of a finding or an advice, which settings its remedy moves, and which way each."""

LOWER_RATE, RAISE_RATE = {REMEDY: {RATE: "down"}}, {REMEDY: {RATE: "up"}}
SMALLER_BATCH, LARGER_BATCH = {REMEDY: {BATCH: "down"}}, {REMEDY: {BATCH: "up"}}
SHORTER, LONGER = {REMEDY: {LENGTH: "down"}}, {REMEDY: {LENGTH: "up"}}
"""What the evidence of a remedy that moves one setting says of it."""


def moves_of(evidence: Mapping[str, Any]) -> Mapping[str, Way]:
    """The settings that the remedy of this evidence moves; none where it names none. Of tricks the command tells."""
    return evidence.get(REMEDY, {})


def without_moves(evidence: Mapping[str, Any]) -> dict[str, Any]:
    """The evidence of which the remedy is not taken."""
    return {name: value for name, value in evidence.items() if name != REMEDY}


@dataclass(frozen=True)
class Expected:
    """What the command should change. told: "up" or "down" of the score, or what is known afterwards.

    size: a published or measured size of the effect, in words with its source; empty where we know none.
    """

    quantity: Quantity
    told: str
    size: str = ""


@dataclass(frozen=True)
class Prior:
    """How often advice of a rule is right before anything is known of it: Beta(good, bad)."""

    good: float
    bad: float


DIRECT, LIKELY, CUSTOM = Prior(4.0, 1.0), Prior(2.0, 2.0), Prior(1.0, 3.0)
"""The symptom has hardly another cause; it has several; only the recipe or a habit of the field speaks for it.

Our guesses, from no source: what is said of them is their order, and outcomes outweigh them after a few cases.
"""


@dataclass(frozen=True)
class Fine:
    """The measurement was made, and asks for nothing."""

    measured: str


@dataclass(frozen=True)
class NotMeasured:
    """The measurement is missing. measure: the command that makes it, if there is one."""

    missing: str
    measure: Command | None = None


@dataclass(frozen=True)
class Advised:
    """Something to do.

    at_stake: how much of the score this can bring at most, in the metric's own unit; 0 where it changes no score.
    evidence: with the settings that the command moves, such as `LOWER_RATE`.
    """

    measured: str
    cause: str
    action: str
    command: Command
    expected: Expected
    at_stake: float
    evidence: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Tried:
    """There is something to do, and it was done already. came: what it was, and what came of it."""

    measured: str
    came: str


Judgement = Fine | NotMeasured | Advised | Tried


@dataclass(frozen=True)
class Rule:
    """One rule: ids are those of `assay.advice.reading_list` that it decides."""

    name: str
    ids: tuple[str, ...]
    source: str
    prior: Prior
    judge: Callable[[Measurements], Judgement]
