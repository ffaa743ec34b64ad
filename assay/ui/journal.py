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


@dataclass(frozen=True)
class Standing:
    """All decisions of the file and the state they make."""

    log: DecisionLog
    state: State
    version: int

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
    _size: int = -1
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
        size = self.path.stat().st_size if is_there else -1
        if self._known is None or size != self._size:
            log = read_decisions(self.path) if is_there else DecisionLog(self.path, ())
            version = 0 if self._known is None else self._known.version + 1
            self._known, self._size = Standing(log, fold(log.decisions), version), size
        return self._known
