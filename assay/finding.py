"""A finding is evidence plus what to do: the one thing every stage says.

Terminal, HTML, JSON and exit codes are all made from these values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from assay.figure import Figure, figure_from_dict, figure_to_dict

Level = Literal["proved", "suspect", "note"]
LEVELS: tuple[Level, ...] = ("proved", "suspect", "note")


@dataclass(frozen=True)
class Finding:
    """One statement about data, pipeline or model.

    `proved`: an exact property is violated. `suspect`: an experiment failed and points to a cause.
    `note`: for information; never fails a build. Evidence holds plain JSON values.
    """

    id: str
    level: Level
    summary: str
    evidence: Mapping[str, Any] = field(default_factory=dict)
    cause: str = ""
    fix: str = ""
    source: str = ""
    figures: tuple[Figure, ...] = ()

    def __post_init__(self) -> None:
        if self.level not in LEVELS:
            raise ValueError(f"level must be one of {', '.join(LEVELS)}, got {self.level!r}")

    @property
    def is_alert(self) -> bool:
        """Whether this should stop a build: `proved` or `suspect`."""
        return self.level != "note"

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values; `from_dict` reads them back to an equal finding."""
        plain = {name: getattr(self, name) for name in ("id", "level", "summary", "cause", "fix", "source")}
        return {**plain, "evidence": dict(self.evidence), "figures": [figure_to_dict(f) for f in self.figures]}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Finding:
        figures = tuple(figure_from_dict(figure) for figure in values.get("figures", ()))
        return cls(**{**values, "figures": figures})


@dataclass(frozen=True)
class Skipped:
    """A check that was not made, and why.

    `failed`: it was begun and broke off, as it or the program raised; else it does not apply, or had no time.
    """

    id: str
    reason: str
    failed: bool = False

    def to_dict(self) -> dict[str, Any]:
        """`failed` is there only where it is true, as readers of other stages' results expect."""
        return {"id": self.id, "reason": self.reason, **({"failed": True} if self.failed else {})}


class AlertError(AssertionError):
    """Raised by `Report.raise_if_alert`; an AssertionError, so that pytest shows it as a failure."""


@dataclass(frozen=True)
class Report:
    """What one stage found: findings worst first, what it skipped and why, and its seconds."""

    stage: str
    findings: tuple[Finding, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    seconds: float = 0.0

    def __post_init__(self) -> None:
        ordered = sorted(self.findings, key=lambda finding: LEVELS.index(finding.level))
        object.__setattr__(self, "findings", tuple(ordered))

    @property
    def alerts(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.is_alert)

    @property
    def ok(self) -> bool:
        """True when nothing is proved wrong or suspect."""
        return not self.alerts

    def raise_if_alert(self) -> None:
        """For tests and CI.

        Raises:
            AlertError: lists every alert with its fix; or nothing was checked at all, which is no reason to go on.
        """
        if not self.findings and self.skipped:
            first = self.skipped[0]
            raise AlertError(f"{self.stage} checked nothing: {len(self.skipped)} skipped, {first.id}: {first.reason}")
        if self.alerts:
            lines = [f"[{f.level}] {f.id}: {f.summary} Fix: {f.fix}" for f in self.alerts]
            raise AlertError(f"{self.stage} found {len(lines)} problem(s):\n" + "\n".join(lines))

    def to_dict(self) -> dict[str, Any]:
        return {
            "stage": self.stage,
            "findings": [finding.to_dict() for finding in self.findings],
            "skipped": [skip.to_dict() for skip in self.skipped],
            "seconds": self.seconds,
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Report:
        return cls(
            stage=values["stage"],
            findings=tuple(Finding.from_dict(finding) for finding in values["findings"]),
            skipped=tuple(Skipped(**skip) for skip in values["skipped"]),
            seconds=values["seconds"],
        )
