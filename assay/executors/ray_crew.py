"""Workers on a Ray cluster: actors that run the same worker loop, against the same database, and are started again.

Ray only places them. Which training is whose, and that each finishes exactly once, is the database's matter, so an
actor, its machine or the whole cluster may die at any moment.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assay.errors import InputError
from assay.executors.deaths import Deaths
from assay.executors.lost_machines import LostMachines
from assay.executors.pool import FAREWELL_SECONDS, Ways
from assay.executors.ray_cluster import connect, count_machines, require_room, room_for
from assay.executors.ray_worker import RayWorker
from assay.store.database import read_url
from assay.store.queue import Queue
from assay.store.trials import checkpoints_of


@dataclass
class Actor:
    """One worker. place: its number. name: under which it leases. handle: of the actor; work: its end's promise."""

    place: int
    name: str
    handle: Any
    work: Any


class RayCrew:
    """So many actors of one asker; the interface of `Pool`.

    Args:
        count: of actors; 0 for one a core, or one a GPU where trainings need one.
        address: `ray://host:port`; without it a cluster that runs on this machine, or a new one.
        curves: file that they tell their curves to, where all of them see this machine's files.
        gpu: whether each actor needs a GPU of its own.
    Raises:
        InputError: Ray is not installed, the cluster does not answer or is too small, or its machines cannot see the
            database.
    """

    def __init__(
        self, count: int, queue: Queue, ways: Ways, *, asker: str, curves: Path, logs: Path, address: str | None = None,
        gpu: bool = False,
    ) -> None:  # fmt: skip
        self.queue, self.ways, self.asker, self.gpu = queue, ways, asker, gpu
        self.threads = ways.threads or 1
        self.ray, self.connected = connect(address)
        is_shared = address is not None or count_machines(self.ray) > 1
        require_reachable(queue.store.url, is_shared)
        self.curves = None if is_shared else curves
        require_room(self.ray, count or 1, threads=self.threads, gpu=gpu)
        self.count = count or room_for(self.ray, threads=self.threads, gpu=gpu)
        self.actors: list[Actor] = []
        self.deaths = Deaths(queue, asker)
        self.machines = LostMachines(self.ray, threads=self.threads, gpu=gpu)

    def look(self) -> None:
        """Start those that are missing; what a dead one was doing is free at once.

        Raises:
            InputError: workers die again and again, with the last one's words; or no machine is left for them.
        """
        for actor in self._ended():
            self.machines.note_loss()
            self.actors.remove(actor)
            self.queue.release(actor.name)
            self._judge(actor)
        for place in sorted(set(range(self.count)) - {actor.place for actor in self.actors}):
            self.actors.append(self._start(place))
        self.machines.look()

    def _ended(self) -> list[Actor]:
        if not self.actors:
            return []
        work = [actor.work for actor in self.actors]
        ended = set(self.ray.wait(work, num_returns=len(work), timeout=0)[0])
        return [actor for actor in self.actors if actor.work in ended]

    def _judge(self, actor: Actor) -> None:
        """A killed actor is none of its own fault; one that raises is, and so is a cluster that places none."""
        try:
            self.ray.get(actor.work)
        except Exception as raised:
            error: Any = raised
            # One that raises where it is made has died as well, says Ray.
            killed = isinstance(error, self.ray.exceptions.RayActorError) and not error.actor_init_failed
            if self.deaths.are_too_many(actor.place, killed=killed):
                cause = getattr(error, "cause", None) or error
                reason = " ".join(str(cause).split())
                raise InputError(f"workers on the Ray cluster end at once: {reason}") from raised

    def _start(self, place: int) -> Actor:
        name = f"{self.asker}-ray-{secrets.token_hex(4)}"
        surroundings = {"OMP_NUM_THREADS": str(self.threads), "MKL_NUM_THREADS": str(self.threads)}
        # Two at a time: its work, and being told to stop.
        kind = self.ray.remote(max_concurrency=2, max_restarts=0, num_cpus=self.threads, num_gpus=int(self.gpu),
                               runtime_env={"env_vars": surroundings})(RayWorker)  # fmt: skip
        handle = kind.remote(self.threads)
        url = self.queue.store.url
        work = handle.work.remote(
            url, str(self.ways.checkpoints or checkpoints_of(url)), name, self.asker, self.ways.lease_seconds,
            self.ways.checkpoint_seconds, None if self.curves is None else str(self.curves.resolve()),
        )  # fmt: skip
        return Actor(place, name, handle, work)

    def stop(self) -> None:
        """Let each save what it trains and give it back; whoever takes too long is killed."""
        actors, self.actors = self.actors, []
        try:
            for actor in actors:
                actor.handle.stop.remote()
            if actors:
                self.ray.wait([actor.work for actor in actors], num_returns=len(actors), timeout=FAREWELL_SECONDS)
        finally:
            for actor in actors:
                self.ray.kill(actor.handle)
                self.queue.release(actor.name)
            if self.connected:
                self.ray.shutdown()


def require_reachable(url: str, is_shared: bool) -> None:
    """Refuse a database that other machines cannot see.

    Raises:
        InputError: it is a file, and the cluster has other machines.
    """
    if is_shared and read_url(url).get_backend_name() == "sqlite":
        raise InputError(
            "the trials' database is a file of this machine, which the cluster's others cannot use; name one that all "
            "reach: --database postgresql+psycopg://user@host/assay"
        )


def crew_on(address: str | None) -> Callable[..., RayCrew]:
    """What makes a crew there, as `Pool` is made."""

    def make(*arguments: Any, **options: Any) -> RayCrew:
        return RayCrew(*arguments, **options, address=address)

    return make
