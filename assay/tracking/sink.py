"""What a tracking tool is told, and what it has to be able to do.

A sink is a frozen value: which tool, and where. `begin` opens a recorder for one command; all that goes wrong there is
told once and stops no training.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, runtime_checkable


@dataclass(frozen=True)
class Tracked:
    """One command that is tracked. folder: where its curves and results lie. asked: its request, as plain values."""

    name: str
    folder: Path
    asked: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """What a command left. finished: false where it was stopped. files: report, recipe and summary, if they are there.

    parameters: of the recipe, setting by setting, and of a study. scores: numbers by name, such as `test/accuracy`.
    """

    finished: bool
    parameters: Mapping[str, object] = field(default_factory=dict)
    scores: Mapping[str, float] = field(default_factory=dict)
    files: tuple[Path, ...] = ()


@runtime_checkable
class Recorder(Protocol):
    """One command in a tracking tool."""

    def point(self, curve: str, step: int, values: Mapping[str, float]) -> None:
        """What one training measured after so many steps: `loss`, `learning_rate`, or the metric."""
        ...

    def end(self, outcome: Outcome) -> None:
        """No more points come; everything is to be written now."""
        ...


@runtime_checkable
class Sink(Protocol):
    """A tracking tool and where it keeps what it is told."""

    @property
    def package(self) -> str:
        """What must be installed for it."""
        ...

    def begin(self, tracked: Tracked) -> Recorder:
        """A recorder; one that was stopped before is gone on with, where the tool can."""
        ...
