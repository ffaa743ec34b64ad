"""The chaos of `bench_chaos.py` on a local Ray cluster: actors killed with SIGKILL every few seconds, one PostgreSQL
restarted twice.

All workers are actors of one asking process, on a cluster that it starts; whoever is killed is placed anew by Ray, and
finds in the database what is left to do.

Asked: every trial finishes exactly once; results equal an undisturbed run bit for bit.

    bench_ray_chaos.py [--trainings 12] [--seconds 8] [--every 5] [--kills 12]
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench_chaos import CHECKPOINT_SECONDS, LEASE_SECONDS, Pair, Storm, differing, epochs_for, make_pairs
from machine import Record
from postgresql import Cluster, own_cluster
from sqlalchemy import select
from sqlalchemy.orm import Session as Reading

from assay.budget import Budget
from assay.data.data import Data
from assay.data.open import open_data
from assay.executors.opening import Opening
from assay.executors.pool import Ways
from assay.executors.queued import QueuedTrainings
from assay.executors.ray_crew import crew_on
from assay.session import Session
from assay.store.store import Store, url_of_file
from assay.store.tables import JobRow, TrialRow
from assay.trial import Trial, in_turn, measure_on

LOGS = Path("/tmp/ray/session_latest/logs")


@dataclass
class RayStorm(Storm):
    """Kills the process of an actor in the middle of a training."""

    others: int = 0

    def _kill_one(self) -> None:
        crew: Any = self.executor.pool
        busy = self._owners()
        actors = [actor for actor in (crew.actors if crew else ()) if actor.name in busy]
        if actors:
            pid = crew.ray.get(self.chance.choice(actors).handle.process.remote(), timeout=30)
            os.kill(pid, signal.SIGKILL)
            self.kills += 1

    def _owners(self) -> set[str | None]:
        """Names of those whose training has a checkpoint to go on from."""
        with closing(Store(self.cluster.url)) as store, Reading(store.engine) as reading:
            rows = reading.execute(select(JobRow.key, JobRow.owner).where(JobRow.state == "leased")).all()
        return {owner for key, owner in rows if (self.folder / "checkpoints" / f"{key}.checkpoint").exists()}


def through_the_storm(
    data: Data, pairs: list[Pair], cluster: Cluster, folder: Path, *, every: float, kills: int, chance: random.Random
) -> tuple[list[Trial], dict[str, Any]]:
    """The trials, and what happened."""
    ways = Ways(1, folder / "checkpoints", LEASE_SECONDS, CHECKPOINT_SECONDS)
    began = time.monotonic()
    with (
        closing(Store(url_of_file(folder / "assay.db"))) as own, closing(Store(cluster.url)) as trials,
        QueuedTrainings(2, ways, crew=crew_on(None)) as executor,
        RayStorm(cluster, executor, folder, every, kills, True, chance) as storm,
    ):  # fmt: skip
        session = Session(own, own.open_run("chaos", {}), folder, Budget(1e6), lambda progress: None, device="cpu",
                          trials=trials, executor=executor,
                          opening=Opening({"source": "digits", "seed": 0}, data))  # fmt: skip
        found = session.measure_all_on(data)(pairs)
        seconds, logs = time.monotonic() - began, LOGS.resolve()
    if storm.error is not None:
        raise storm.error
    with closing(Store(cluster.url)) as store, Reading(store.engine) as reading:
        jobs, kept = reading.scalars(select(JobRow)).all(), reading.scalars(select(TrialRow.key)).all()
    return found, {
        "seconds": seconds, "kills": storm.kills, "restarts": storm.restarts, "jobs": len(jobs), "trials": len(kept),
        "not done": sum(job.state != "done" for job in jobs), "begun": sum(job.begun for job in jobs),
        "failed attempts": sum(job.attempts for job in jobs), **read_logs(logs),
    }  # fmt: skip


def read_logs(folder: Path) -> dict[str, int]:
    """What the actors said: trainings that went on from a checkpoint, and those that were finished twice."""
    lines = [line for log in folder.glob("worker-*.out") for line in log.read_text(errors="replace").splitlines()]
    done = Counter(line for line in lines if line.endswith(": done"))
    return {
        "resumed": sum(line.endswith(": goes on from its checkpoint") for line in lines),
        "results dropped": sum(line.endswith(": left to others") for line in lines),
        "duplicates": sum(count - 1 for count in done.values()),
    }


def main() -> None:
    import torch

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trainings", type=int, default=12)
    parser.add_argument("--seconds", type=float, default=8.0, help="of each training, undisturbed")
    parser.add_argument("--every", type=float, default=5.0, help="seconds between two kills, in the mean")
    parser.add_argument("--kills", type=int, default=12, help="at most")
    parser.add_argument("--seed", type=int, default=None, help="of moments and victims; a new one by default")
    options = parser.parse_args()
    seed = int.from_bytes(os.urandom(3), "little") if options.seed is None else options.seed
    # Ray lets its workers go last, which on a busy machine is never.
    os.environ.setdefault("RAY_worker_niceness", "0")
    torch.set_num_threads(1)
    record = Record("ray-chaos", "every trial finishes exactly once, bit for bit as undisturbed",
                    packages=("ray", "psycopg"), seed_of_moments=seed, trainings=options.trainings,
                    seconds_each=options.seconds, kill_every=options.every)  # fmt: skip
    data = open_data("digits")
    pairs = make_pairs(options.trainings, epochs_for(data, options.seconds))
    with tempfile.TemporaryDirectory(prefix="assay-bench-") as name, own_cluster() as cluster:
        stormy, figures = through_the_storm(data, pairs, cluster, Path(name), every=options.every,
                                            kills=options.kills, chance=random.Random(seed))  # fmt: skip
    began = time.monotonic()
    calm = in_turn(measure_on(data))(pairs)
    figures |= {"undisturbed seconds, one after the other": time.monotonic() - began,
                "differing": differing(calm, stormy)}  # fmt: skip
    for what, value in figures.items():
        print(f"  {what}: {value:.1f}" if isinstance(value, float) else f"  {what}: {value}")
    once = figures["trials"] == figures["jobs"] == len(set(pairs)) and not figures["not done"]
    record.write({"reached": {"each exactly once": once and not figures["duplicates"],
                              "bit for bit": not figures["differing"]}, **figures})  # fmt: skip


if __name__ == "__main__":
    main()
