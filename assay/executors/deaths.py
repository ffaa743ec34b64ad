"""When workers that die are not worth starting again: so many deaths in turn, and no training got on in between."""

from __future__ import annotations

from assay.store.queue import Queue

MOST_FAILURES = 3
"""How often in turn a worker may die to no purpose."""


class Deaths:
    """Counts the deaths of one asker's workers.

    A worker that was killed before it took a training counts with those that had its place before it; one that ends
    by an error of its own counts with all that did.

    Args:
        asker: whose trainings count as progress.
    """

    def __init__(self, queue: Queue, asker: str) -> None:
        self.queue, self.asker = queue, asker
        self.in_turn: dict[int | None, tuple[int, object]] = {}

    def are_too_many(self, place: int, *, killed: bool) -> bool:
        """Whether this death, of the worker in that place, is one too many.

        Args:
            killed: from outside, as far as is known; then a training that was begun meanwhile is progress, else only
                one that was finished.
        """
        taken, done = self.queue.progress(self.asker)
        progress, key = ((taken, done), place) if killed else (done, None)
        count, before = self.in_turn.get(key, (0, progress))
        self.in_turn[key] = (count + 1 if before == progress else 1), progress
        return self.in_turn[key][0] >= MOST_FAILURES
