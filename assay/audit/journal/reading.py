"""Reading a file of lines: one that cannot be read is set aside by its number, and the rest counts."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from assay.audit.journal.lock import locked
from assay.errors import InputError
from assay.finding import Finding

SHOWN_LINES = 20
SHOWN_LETTERS = 200
Entry = TypeVar("Entry")
Parse = Callable[[Mapping[str, Any], int], Entry]
"""From the values of a line and its number to what it says; raises InputError with what is wrong."""


@dataclass(frozen=True)
class SetAside:
    """A line that does not count: where it stands, what it says, and why."""

    line: int
    text: str
    reason: str


@dataclass(frozen=True)
class Log(Generic[Entry]):
    """All entries of a file in their order, and the lines set aside; the file itself is never changed."""

    path: Path
    what: str
    entries: tuple[Entry, ...]
    set_aside: tuple[SetAside, ...] = ()

    def tell_set_aside(self, *, cause: str, fix: str) -> tuple[Finding, ...]:
        """A `suspect` that names every line set aside, if there is one."""
        if not self.set_aside:
            return ()
        first = self.set_aside[0]
        return (
            Finding(
                f"{self.what}_set_aside",
                "suspect",
                f"{len(self.set_aside)} of {len(self.set_aside) + len(self.entries)} lines of {self.path.name} are "
                f"no {self.what} and were set aside; the first is line {first.line} ({first.reason}).",
                evidence={"count": len(self.set_aside), "n": len(self.entries),
                          "lines": [vars(one) for one in self.set_aside[:SHOWN_LINES]]},
                cause=cause,
                fix=fix,
            ),
        )  # fmt: skip


def read_lines(path: Path, parse: Parse[Entry], *, what: str) -> Log[Entry]:
    """Every entry of the file, each with its line.

    Args:
        what: what the lines hold, as messages call it: `decisions`, `answers`.
    Raises:
        InputError: there is no such file, or it cannot be read at all.
    """
    entries, set_aside = list[Entry](), list[SetAside]()
    for number, raw in enumerate(_content(path, what).split(b"\n"), start=1):
        if not raw.strip():
            continue
        try:
            entries.append(parse(_values(raw), number))
        except InputError as error:
            set_aside.append(SetAside(number, _shown(raw), str(error)))
    return Log(path, what, tuple(entries), tuple(set_aside))


def _shown(raw: bytes) -> str:
    """The beginning of a line; what a terminal would obey is told by its number."""
    text = raw[:SHOWN_LETTERS].decode("utf-8", errors="replace")
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)


def _content(path: Path, what: str) -> bytes:
    try:
        # The shared lock waits for a writer in the middle of its line.
        with path.open("rb") as file, locked(file.fileno(), shared=True):
            return file.read()
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file of {what}; check the path") from error
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError(f"{path}: {what} cannot be read ({reason}); check the path and its permissions") from error


def _values(raw: bytes) -> Mapping[str, Any]:
    try:
        values = json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise InputError("is not UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise InputError("is not JSON, or cut short") from error
    if not isinstance(values, dict):
        raise InputError("is JSON, but no object")
    return values
