"""What a checker says about a program."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from faults.program import Program


class CannotJudgeError(Exception):
    """The checker cannot take this program; the message says why."""


@dataclass(frozen=True)
class Alert:
    """words: what the checker said; ids: which of our checks say the same; level: as the checker names it."""

    words: str
    ids: tuple[str, ...]
    level: str = ""


@dataclass(frozen=True)
class Judgement:
    """alerts: what would stop a build; warnings: what would not; not_checked: what could not be looked at, and why."""

    alerts: tuple[Alert, ...]
    warnings: tuple[Alert, ...] = ()
    not_checked: tuple[tuple[str, str], ...] = ()


Checker = Callable[[Program], Judgement]


@dataclass(frozen=True)
class Rival:
    """package: as it is installed; module: as it is imported; judge: how it is used; means: its words in our ids."""

    name: str
    package: str
    module: str
    judge: Checker
    means: Mapping[str, tuple[str, ...]]
