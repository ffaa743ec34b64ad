"""Which executor a command asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from assay.errors import InputError
from assay.executors.executor import Executor

MOST_WORKERS = 512


@contextmanager
def executor_for(workers: int | None, on: str | None = None) -> Iterator[Executor | None]:
    """The executor while the block lasts; None where trainings are done in this process, one after the other.

    Args:
        workers: processes on this machine; 0 to leave all to workers elsewhere. On a cluster: of these actors, or
            without a number as many as it has room for.
        on: `ray` or `ray://host:port` for actors of a Ray cluster.
    Raises:
        InputError: workers is negative, or more than any machine has room for.
    """
    if workers is None and on is None:
        yield None
        return
    if workers is not None and not 0 <= workers <= MOST_WORKERS:
        raise InputError(
            f"--workers must be from 0 to {MOST_WORKERS}, got {workers}; a usual number is one a core or GPU"
        )
    # Only now: it brings the database with it.
    from assay.executors.queued import QueuedTrainings

    if on is None:
        with QueuedTrainings(workers or 0) as executor:
            yield executor
        return
    from assay.executors.ray_cluster import read_place
    from assay.executors.ray_crew import crew_on

    with QueuedTrainings(workers or 0, crew=crew_on(read_place(on))) as executor:
        yield executor
