"""Which loader the loop is reading: without it, nobody can tell a training forward from one of validation.

A watched loader belongs to a class of its own inside the block, so that `for batch in loader` tells of each batch; it
keeps its type's name, its length and everything else, and gets its own class back at the end. What has no such class
(a list) is read through a thin wrapper.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from assay.watching.moment import Moment


class Reader:
    """One pass over a loader."""

    def __init__(self, batches: Iterator[Any], name: str, moment: Moment) -> None:
        self._batches, self._name, self._moment = batches, name, moment
        # Validation inside the training's loop gives way to training again.
        self._outer, self._ended = moment.reading, False

    def __iter__(self) -> Reader:
        return self

    def __next__(self) -> Any:
        try:
            batch = next(self._batches)
        except BaseException:
            self._end()
            raise
        self._moment.reading, self._ended = self._name, False
        return batch

    def __len__(self) -> int:
        return len(self._batches)  # type: ignore[arg-type]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batches, name)

    def __del__(self) -> None:
        # A loop that was left early.
        self._end()

    def _end(self) -> None:
        if not self._ended and self._moment.reading == self._name:
            self._moment.reading = self._outer
        self._ended = True


class Wrapped:
    """A loader that tells of its batches, for one whose class cannot be changed."""

    def __init__(self, loader: Iterable[Any], name: str, moment: Moment) -> None:
        self._loader, self._name, self._moment = loader, name, moment

    def __iter__(self) -> Reader:
        return Reader(iter(self._loader), self._name, self._moment)

    def __len__(self) -> int:
        return len(self._loader)  # type: ignore[arg-type]

    def __getitem__(self, index: Any) -> Any:
        return self._loader[index]  # type: ignore[index]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)


class WatchedLoader:
    """A loader inside the block. `given` is what to read: the loader itself, or a wrapper around it."""

    def __init__(self, loader: Iterable[Any], name: str, moment: Moment) -> None:
        self._loader, self._own = loader, type(loader)
        self.is_told = False
        self.given: Any = loader
        try:
            loader.__class__ = _telling(self._own, name, moment)  # type: ignore[assignment]
            self.is_told = True
        except TypeError:
            self.given = Wrapped(loader, name, moment)

    def let_go(self) -> None:
        """Give the loader its own class back."""
        if self.is_told:
            self._loader.__class__ = self._own
            self.is_told = False


def _telling(own: type, name: str, moment: Moment) -> type:
    def read(self: Any) -> Reader:
        return Reader(iter(own.__iter__(self)), name, moment)  # type: ignore[attr-defined]

    return type(own.__name__, (own,), {"__iter__": read, "__module__": own.__module__})
