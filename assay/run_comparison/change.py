"""A place in which two runs differ, with what stands there in each; and a list of them in a sentence or a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from assay.figure import Table

NONE = "\N{EN DASH}"
NAMED = 4
"""Changes that a sentence names; all stand in the table."""


class Change(NamedTuple):
    """One place in which two runs differ, and what stands there in each."""

    place: str
    first: str
    second: str

    @property
    def text(self) -> str:
        """In words, as a part of a sentence."""
        if NONE in (self.first, self.second):
            kept = self.second if self.first == NONE else self.first
            return f"{kept} only in the {'second' if self.first == NONE else 'first'}"
        return f"{self.place} {self.first} against {self.second}"


def changed(first: Mapping[str, Any], second: Mapping[str, Any], names: Sequence[str]) -> list[Change]:
    """Of two mappings, where they differ; what neither has is the same."""
    return [
        Change(name.replace("_", " "), str(first.get(name)), str(second.get(name)))
        for name in names if first.get(name) != second.get(name)
    ]  # fmt: skip


def named(changes: Sequence[Change]) -> str:
    """The first few in words."""
    more = f"; and {len(changes) - NAMED} more" if len(changes) > NAMED else ""
    return "; ".join(change.text for change in changes[:NAMED]) + more


def evidence_of(changes: Sequence[Change]) -> dict[str, Any]:
    """All of them, as a finding has it."""
    return {"changes": [change._asdict() for change in changes]}


def table_of(title: str, changes: Sequence[Change]) -> Table:
    """All of them, side by side."""
    return Table(
        title, ("", "first", "second"), tuple((change.place, change.first, change.second) for change in changes)
    )
