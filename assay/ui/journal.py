"""The file of decisions as it stands now: read anew when another reviewer's server made it grow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from assay.audit.decisions import (
    Decision,
    DecisionLog,
    State,
    append_decision,
    check_appendable,
    decide,
    fold,
    read_decisions,
)
from assay.audit.decisions.decision import Action, Label
from assay.finding import Finding


@dataclass(frozen=True)
class Standing:
    """All decisions of the file and the state they make.

    lost: how many decisions the file held while this server ran and holds no more.
    """

    log: DecisionLog
    state: State
    version: int
    lost: int = 0

    @property
    def troubles(self) -> tuple[Finding, ...]:
        """What is wrong with the file: lines set aside, decisions that are gone."""
        if not self.lost:
            return self.log.findings
        decisions = "one decision is" if self.lost == 1 else f"{self.lost:,} decisions are"
        gone = Finding(
            "decisions_lost", "suspect",
            f"{self.log.path}: {decisions} gone that stood there.",
            evidence={"count": self.lost},
            cause="The file was deleted, moved or replaced while the page ran; the page only ever adds to it.",
            fix="Put the file back from a copy; what is decided meanwhile is in the new one, whose lines can be added.",
        )  # fmt: skip
        return (gone, *self.log.findings)

    def words(self, id: str) -> Mapping[str, Decision]:
        """Each reviewer's last word on an example."""
        return self.state.standing.get(id, {})

    def last_of(self, reviewer: str) -> Decision | None:
        """What an undo takes back: the reviewer's last decision that was not taken back yet."""
        stack = list[Decision]()
        for decision in self.log.decisions:
            if decision.reviewer != reviewer:
                continue
            if decision.action != "undo":
                stack.append(decision)
                continue
            same = [place for place, one in enumerate(stack) if one.id == decision.id]
            if same:
                stack.pop(same[-1])
        return stack[-1] if stack else None


@dataclass(eq=False)
class Journal:
    """The one place where the page writes; each call is on the disk when it returns.

    Raises:
        InputError: the file cannot be written or read.
    """

    path: Path
    _known: Standing | None = None
    _stamp: tuple[int, ...] = ()
    _seen: set[Decision] = field(default_factory=set)
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        check_appendable(self.path)
        self.read()

    def read(self) -> Standing:
        """What the file says now."""
        with self._lock:
            return self._read()

    def decide(self, id: str, action: Action, *, reviewer: str, label: Label = None, previous: Label = None) -> None:
        """Append a decision."""
        with self._lock:
            append_decision(self.path, decide(id, action, reviewer=reviewer, label=label, previous=previous))

    def undo(self, reviewer: str) -> Decision | None:
        """Take back the reviewer's last decision, and tell which; None where there is none."""
        with self._lock:
            last = self._read().last_of(reviewer)
            if last is not None:
                append_decision(self.path, decide(last.id, "undo", reviewer=reviewer))
            return last

    def _read(self) -> Standing:
        """Nothing is decided yet where there is no file: it is made by the first decision, not by looking."""
        is_there = self.path.exists()
        status = self.path.stat() if is_there else None
        # Another file in its place may be of the very same size.
        stamp = () if status is None else (status.st_size, status.st_ino, status.st_mtime_ns)
        if self._known is None or stamp != self._stamp:
            log = read_decisions(self.path) if is_there else DecisionLog(self.path, ())
            version = 0 if self._known is None else self._known.version + 1
            now = set(log.decisions)
            self._seen |= now
            self._known = Standing(log, fold(log.decisions), version, len(self._seen) - len(now))
            self._stamp = stamp
        return self._known
