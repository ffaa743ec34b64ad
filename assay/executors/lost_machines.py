"""Machines of a Ray cluster that do not come back: Ray would wait for ever for others to place its actors on."""

from __future__ import annotations

import time
from typing import Any

from assay.errors import InputError
from assay.executors.ray_cluster import room_for

GONE_SECONDS, ASK_SECONDS = 60.0, 5.0
"""How long they may stay away, and how often the cluster is asked for them; it takes it half a minute to miss one."""


class LostMachines:
    """Ends the wait where no machine with room for a worker is left.

    The cluster is asked only for a while after an actor was lost: one that is gone as a whole lets who asks wait, and
    ends the program itself.
    """

    def __init__(self, ray: Any, *, threads: int, gpu: bool) -> None:
        self.ray, self.threads, self.gpu = ray, threads, gpu
        self.is_watching = False
        self.lost = self.room_seen = self.asked = 0.0

    def note_loss(self) -> None:
        """An actor was lost, maybe with its machine."""
        self.lost = time.monotonic()
        if not self.is_watching:
            self.is_watching, self.room_seen = True, self.lost

    def look(self) -> None:
        """Ask now and then.

        Raises:
            InputError: for a minute no machine had room.
        """
        now = time.monotonic()
        if not self.is_watching or now - self.asked < ASK_SECONDS:
            return
        self.asked = now
        if room_for(self.ray, threads=self.threads, gpu=self.gpu):
            self.room_seen = now
            self.is_watching = now - self.lost <= GONE_SECONDS
        elif now - self.room_seen > GONE_SECONDS:
            raise InputError(
                f"the Ray cluster has had no machine with room for a worker for {GONE_SECONDS:.0f} seconds; start one, "
                "or train here with --workers, and repeat the command"
            )
