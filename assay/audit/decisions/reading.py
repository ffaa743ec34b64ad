"""Reading the file of decisions: a line that cannot be read is set aside by its number, and the rest counts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from assay.audit.decisions.decision import Decision
from assay.audit.journal import Log, SetAside, read_lines
from assay.finding import Finding


@dataclass(frozen=True)
class DecisionLog:
    """All decisions of a file in their order, and the lines set aside; the file itself is never changed."""

    path: Path
    decisions: tuple[Decision, ...]
    set_aside: tuple[SetAside, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """A `suspect` that names every line set aside, if there is one."""
        return Log(self.path, "decisions", self.decisions, self.set_aside).tell_set_aside(
            cause="A program or machine stopped in the middle of a line, or the file was edited by hand.",
            fix="Decide these examples again, or mend the lines; all other decisions count.",
        )


def read_decisions(path: Path) -> DecisionLog:
    """Every decision of the file, each with its line.

    Raises:
        InputError: there is no such file, or it cannot be read at all.
    """
    log = read_lines(path, lambda values, line: Decision.from_values(values, line=line), what="decisions")
    return DecisionLog(path, log.entries, log.set_aside)
