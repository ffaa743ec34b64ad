"""The worker loop as a Ray actor."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

say = partial(print, flush=True)


class RayWorker:
    """One worker; made and called by Ray on the machine where it trains.

    Args:
        threads: of each training, the same everywhere: sums in another order round otherwise.
    """

    def __init__(self, threads: int) -> None:
        import torch

        torch.set_num_threads(threads)
        self.stopped = False

    def work(
        self, database: str, checkpoints: str, name: str, asker: str, lease_seconds: float, checkpoint_seconds: float,
        curves: str | None,
    ) -> int:  # fmt: skip
        """Train until told to stop; returns how many trainings were finished."""
        from assay.executors.worker import Habits, work

        habits = Habits(name, asker, lease_seconds=lease_seconds, checkpoint_seconds=checkpoint_seconds,
                        live=None if curves is None else Path(curves))  # fmt: skip
        # Ray keeps what is printed among its own logs.
        return work(database, Path(checkpoints), stop=lambda: self.stopped, habits=habits, say=say)

    def process(self) -> int:
        """Its number, on the machine where it is."""
        return os.getpid()

    def stop(self) -> None:
        """Between two steps it saves what it trains, and ends."""
        self.stopped = True
