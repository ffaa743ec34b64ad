"""Where trainings are done, as a command or a program asks for it, and the executor that does them there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from assay.errors import InputError
from assay.executors.executor import Executor
from assay.executors.ray_cluster import read_place

MOST_WORKERS = 512


@dataclass(frozen=True)
class Workplace:
    """In this process, one training after the other, unless something is asked for.

    workers: processes on this machine; 0 to leave all to workers elsewhere. On a cluster: of these actors, or without
    a number as many as it has room for. on: `ray` or `ray://host:port` for actors of a Ray cluster.

    Raises:
        InputError: workers is negative, or more than any machine has room for, or `on` is no place.
    """

    workers: int | None = None
    on: str | None = None

    def __post_init__(self) -> None:
        if self.on is not None:
            read_place(self.on)
        if self.workers is not None and not 0 <= self.workers <= MOST_WORKERS:
            raise InputError(
                f"--workers must be from 0 to {MOST_WORKERS}, got {self.workers}; a usual number is one a core or GPU"
            )


HERE = Workplace()


@contextmanager
def executor_at(place: Workplace) -> Iterator[Executor | None]:
    """The executor while the block lasts; None where trainings are done in this process."""
    if place == HERE:
        yield None
        return
    # Only now: it brings the database with it.
    from assay.executors.queued import QueuedTrainings

    if place.on is None:
        with QueuedTrainings(place.workers or 0) as executor:
            yield executor
        return
    from assay.executors.ray_crew import crew_on

    with QueuedTrainings(place.workers or 0, crew=crew_on(read_place(place.on))) as executor:
        yield executor
