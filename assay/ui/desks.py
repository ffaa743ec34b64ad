"""Who looks at what just now, so that two who share a file of decisions do not both judge the same example.

Beside the decisions lies `.NAME.desks`, a JSON object of reviewers, each with an example and the time; whoever is shown
the next example reads and writes it under its lock, so that several servers on one file of decisions are one room.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

LEFT_SECONDS = 120.0
"""After so long without a word somebody has left."""
MOST_BYTES = 1_000_000
Seats = dict[str, tuple[str, float]]
"""Reviewer -> the id of an example, and when it was shown, in seconds since 1970."""


@dataclass(eq=False)
class Seat:
    """One reviewer's place while the next example is chosen.

    taken: what others have before them. own: what this one is shown now, None for nothing.
    """

    taken: frozenset[str]
    own: str | None = None


@dataclass(eq=False)
class Desks:
    """The example each reviewer has before them.

    decisions: the file that is shared; without it the reviewers of this server are alone.
    clock: seconds since 1970, as several servers must agree about them.
    problem: why other servers cannot know, where they cannot.
    """

    decisions: Path | None = None
    clock: Callable[[], float] = time.time
    problem: str = ""
    _seats: Seats = field(default_factory=dict)
    _own: Seats = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    @property
    def path(self) -> Path | None:
        """Of the file with the seats."""
        return None if self.decisions is None else self.decisions.with_name(f".{self.decisions.name}.desks")

    @contextmanager
    def seat(self, reviewer: str) -> Iterator[Seat]:
        """Choose what this reviewer is shown: nobody else, also at another server, chooses meanwhile."""
        with self._lock, self._shared() as descriptor:
            known = self._seats if descriptor is None else read_seats(descriptor)
            others = {name: seat for name, seat in known.items() if name != reviewer and self._is_there(seat)}
            seat = Seat(frozenset(id for id, _ in others.values()))
            yield seat
            self._own.pop(reviewer, None)
            if seat.own is not None:
                self._own[reviewer] = others[reviewer] = seat.own, self.clock()
            self._seats = others
            write_seats(descriptor, self._seats)

    def leave(self) -> None:
        """The server ends: the file goes with the last one that used it."""
        if self.path is None or not self.path.exists():
            return
        with self._lock, self._shared() as descriptor:
            left = {name: seat for name, seat in read_seats(descriptor).items() if self._own.get(name) != seat}
            write_seats(descriptor, left)
            if not any(map(self._is_there, left.values())):
                self.path.unlink(missing_ok=True)

    def _is_there(self, seat: tuple[str, float]) -> bool:
        return abs(self.clock() - seat[1]) < LEFT_SECONDS

    @contextmanager
    def _shared(self) -> Iterator[int | None]:
        """The open file under its lock; None where there can be none, which is kept for the page to say."""
        descriptor = None
        try:
            descriptor = None if self.path is None else os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
            self.problem = ""
        except OSError as error:
            self.problem = f"{self.path}: {(error.strerror or str(error)).lower()}"
        if descriptor is None:
            yield None
            return
        # Where the server begins, all of the audit would be too much to import.
        from assay.audit.journal.lock import locked

        try:
            with locked(descriptor):
                yield descriptor
        finally:
            os.close(descriptor)


def read_seats(descriptor: int | None) -> Seats:
    """What the file says; nothing where it is damaged: seats are only of the moment."""
    if descriptor is None:
        return {}
    try:
        values = json.loads(os.pread(descriptor, MOST_BYTES, 0))
        return {str(name): (str(id), float(since)) for name, (id, since) in values.items()}
    except (ValueError, TypeError, AttributeError):
        return {}


def write_seats(descriptor: int | None, seats: Seats) -> None:
    """In place, as others wait for the lock of this very file."""
    if descriptor is not None:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(seats).encode(), 0)
