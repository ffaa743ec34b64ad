"""A worker's sign of life: a thread that extends its lease while a training goes on, and notes when it is lost."""

from __future__ import annotations

import threading
from types import TracebackType

from assay.errors import InputError
from assay.store.queue import Lease, Queue

BEATS_A_LEASE = 3


class Heartbeat:
    """Beats while its block lasts."""

    def __init__(self, queue: Queue, lease: Lease) -> None:
        self.queue, self.lease = queue, lease
        self._lost, self._ended = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    @property
    def lost(self) -> bool:
        """Whether the job is another worker's now."""
        return self._lost.is_set()

    def __enter__(self) -> Heartbeat:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()

    def _beat(self) -> None:
        while not self._ended.wait(self.queue.lease_seconds / BEATS_A_LEASE):
            try:
                if not self.queue.beat(self.lease) and not self._ended.is_set():
                    self._lost.set()
                    return
            except InputError:
                # The database is away for long: nobody else can lease the job meanwhile, so training goes on.
                continue
