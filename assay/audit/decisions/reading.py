"""Reading the file of decisions: a line that cannot be read is set aside by its number, and the rest counts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from assay.audit.decisions.decision import Decision
from assay.audit.decisions.lock import locked
from assay.errors import InputError
from assay.finding import Finding

SHOWN_LINES = 20
SHOWN_LETTERS = 200


@dataclass(frozen=True)
class SetAside:
    """A line that is no decision: where it stands, what it says, and why it does not count."""

    line: int
    text: str
    reason: str


@dataclass(frozen=True)
class DecisionLog:
    """All decisions of a file in their order, and the lines set aside; the file itself is never changed."""

    path: Path
    decisions: tuple[Decision, ...]
    set_aside: tuple[SetAside, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """A `suspect` that names every line set aside, if there is one."""
        if not self.set_aside:
            return ()
        first = self.set_aside[0]
        return (
            Finding(
                "decisions_set_aside",
                "suspect",
                f"{len(self.set_aside)} of {len(self.set_aside) + len(self.decisions)} lines of {self.path.name} are "
                f"no decisions and were set aside; the first is line {first.line} ({first.reason}).",
                evidence={"count": len(self.set_aside), "n": len(self.decisions),
                          "lines": [vars(one) for one in self.set_aside[:SHOWN_LINES]]},
                cause="A program or machine stopped in the middle of a line, or the file was edited by hand.",
                fix="Decide these examples again, or mend the lines; all other decisions count.",
            ),
        )  # fmt: skip


def read_decisions(path: Path) -> DecisionLog:
    """Every decision of the file, each with its line.

    Raises:
        InputError: there is no such file, or it cannot be read at all.
    """
    decisions, set_aside = list[Decision](), list[SetAside]()
    for number, raw in enumerate(_content(path).split(b"\n"), start=1):
        if not raw.strip():
            continue
        try:
            decisions.append(_parse(raw, number))
        except InputError as error:
            shown = raw.decode("utf-8", errors="replace")[:SHOWN_LETTERS]
            set_aside.append(SetAside(number, shown, str(error)))
    return DecisionLog(path, tuple(decisions), tuple(set_aside))


def _content(path: Path) -> bytes:
    try:
        # The shared lock waits for a writer in the middle of its line.
        with path.open("rb") as file, locked(file.fileno(), shared=True):
            return file.read()
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file of decisions; check the path") from error
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError(f"{path}: decisions cannot be read ({reason}); check the path and its permissions") from error


def _parse(raw: bytes, number: int) -> Decision:
    try:
        values = json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise InputError("is not UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise InputError("is not JSON, or cut short") from error
    if not isinstance(values, dict):
        raise InputError("is JSON, but no object")
    return Decision.from_values(values, line=number)
