"""Whatever can judge a program: ours, and the place for others.

A checker takes a `Program` and says what alarms it, each with its own words and the check ids that those words mean.
To add one: write `judge(program) -> Judgement`, map its words to ids as generously as honesty allows, and add it to
CHECKERS. It runs in a process of its own, so it may leave traces, and they are counted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from faults.program import Program

BUDGET_SECONDS = 60.0


@dataclass(frozen=True)
class Alert:
    """words: what the checker said; ids: which of our checks say the same; level: as the checker names it."""

    words: str
    ids: tuple[str, ...]
    level: str = ""


@dataclass(frozen=True)
class Judgement:
    """alerts: what would stop a build; not_checked: what could not be looked at, and why."""

    alerts: tuple[Alert, ...]
    not_checked: tuple[tuple[str, str], ...] = ()


Checker = Callable[[Program], Judgement]


def judge_by_assay(program: Program) -> Judgement:
    """`assay.verify` with its usual budget."""
    import assay

    report = assay.verify(**program.arguments, budget_seconds=BUDGET_SECONDS)
    alerts = tuple(Alert(finding.summary, (finding.id,), finding.level) for finding in report.alerts)
    return Judgement(alerts, tuple((skip.id, skip.reason) for skip in report.skipped))


CHECKERS: dict[str, Checker] = {"assay": judge_by_assay}
