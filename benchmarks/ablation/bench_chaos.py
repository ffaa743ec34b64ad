"""Trainings through one PostgreSQL while workers are killed with SIGKILL every few seconds and the database restarts.

Half of the workers belong to the asking process, which starts them again; half are `assay worker`s as on other
machines, whose leases run out. Moments and victims are drawn at random from the seed that is printed. The recipes
carry what a resumed training must not lose: crops, mixup, dropout, an average, a schedule. The database is stopped
once in order and once as if it crashed, and is away for some seconds.

Asked: every trial finishes exactly once; results equal an undisturbed run bit for bit.

A worker that is started takes seconds before it trains, on a busy machine many: only one in the middle of a training,
with a checkpoint to lose, is killed, unless --anyone is given, and there are at most so many kills.

    bench_chaos.py [--trainings 16] [--seconds 10] [--every 3] [--kills 30] [--anyone]
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

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
from assay.models.mlp import MLP
from assay.optimizers import SGD
from assay.planning import measure_speed
from assay.recipe import Recipe
from assay.stages.session import Session
from assay.store.store import Store, url_of_file
from assay.store.tables import JobRow, TrialRow
from assay.trial import Trial, in_turn, measure_on
from assay.tricks.average.ema import EMA
from assay.tricks.batch.mixup import Mixup
from assay.tricks.drop.dropout import Dropout
from assay.tricks.schedule.cosine import Cosine

AWAY_SECONDS = 3.0
LEASE_SECONDS, CHECKPOINT_SECONDS = 4.0, 0.5
Pair = tuple[Recipe, int]


@dataclass
class Storm:
    """What befell the workers and the database. A thread of its own, since the asking process works meanwhile.

    every: seconds between two kills, in the mean. most: kills. sparing: only workers in the middle of a training are
    killed. others: workers that belong to no asking process.
    """

    log_names: ClassVar[str] = "*.log"

    cluster: Cluster
    executor: QueuedTrainings
    folder: Path
    every: float
    most: int
    chance: random.Random
    sparing: bool = True
    others: int = 2
    kills: int = 0
    restarts: int = 0
    error: BaseException | None = None
    _ended: threading.Event = field(default_factory=threading.Event)
    _processes: dict[int, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __enter__(self) -> Storm:
        self._thread = threading.Thread(target=self._rage)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        for process in self._processes.values():
            process.kill()
            process.wait()

    def log_folder(self) -> Path:
        """Where the workers' words are, in files of `log_names`; asked while they work."""
        return self.folder

    def _rage(self) -> None:
        try:
            restarts = ["fast", "immediate"]
            while not self._ended.wait(self.every * self.chance.uniform(0.5, 1.5)):
                self._staff()
                if self.kills < self.most:
                    self._kill_one()
                # After a third of the kills, and after two thirds.
                if restarts and self.kills >= (3 - len(restarts)) * self.most // 3:
                    self._restart(restarts.pop(0))
        except BaseException as error:
            self.error = error

    def _staff(self) -> None:
        """Start the workers that nobody else starts again."""
        for number in range(self.others):
            process = self._processes.get(number)
            if process is None or process.poll() is not None:
                command = [sys.executable, "-m", "assay", "worker", "--threads", "1", "--checkpoints",
                           str(self.folder / "checkpoints"), "--lease-seconds", str(LEASE_SECONDS),
                           "--checkpoint-seconds", str(CHECKPOINT_SECONDS)]  # fmt: skip
                with (self.folder / f"other-{number}.log").open("ab") as log:
                    self._processes[number] = subprocess.Popen(
                        command, env=os.environ | {"ASSAY_DATABASE": self.cluster.url}, stdout=log, stderr=log
                    )

    def _kill_one(self) -> None:
        """Rather one that has a checkpoint to lose than one that still starts; when sparing, no other."""
        own = [hand.process for hand in list(self.executor.pool.hands)] if self.executor.pool else []
        alive = [process for process in (*own, *self._processes.values()) if process.poll() is None]
        busy = [process for process in alive if process.pid in self._at_work()]
        if busy or (alive and not self.sparing):
            self.chance.choice(busy or alive).send_signal(signal.SIGKILL)
            self.kills += 1

    def _owners_at_work(self) -> set[str]:
        """Names of the workers whose training has a checkpoint to go on from."""
        with closing(Store(self.cluster.url)) as store, Reading(store.engine) as reading:
            rows = reading.execute(select(JobRow.key, JobRow.owner).where(JobRow.state == "leased")).all()
        there = self.folder / "checkpoints"
        return {owner for key, owner in rows if owner is not None and (there / f"{key}.checkpoint").exists()}

    def _at_work(self) -> set[int]:
        """The processes of those."""
        hands = {hand.name: hand.process.pid for hand in list(self.executor.pool.hands)} if self.executor.pool else {}
        # A worker that was given no name has one of host, process and chance.
        return {hands.get(owner) or int(owner.split("-")[-2]) for owner in self._owners_at_work()}

    def _restart(self, how: str) -> None:
        self.cluster.stop(how)
        self._ended.wait(AWAY_SECONDS)
        self.cluster.start()
        self.restarts += 1


def make_pairs(trainings: int, epochs: float) -> list[Pair]:
    """Two recipes, each on half of the seeds."""
    plain = Recipe(MLP((128, 128)), optimizer=SGD(momentum=0.9), batch_size=64, epochs=epochs)
    rich = plain | Mixup(0.2) | Dropout(0.2) | EMA(decay=0.99) | Cosine()
    return [((plain, rich)[number % 2], 500 + number // 2) for number in range(trainings)]


def ways_in(folder: Path) -> Ways:
    """How the workers work: with one thread, silent for seconds at the most."""
    return Ways(1, folder / "checkpoints", LEASE_SECONDS, CHECKPOINT_SECONDS)


def through_the_storm(data: Data, pairs: list[Pair], storm: Storm) -> tuple[list[Trial], dict[str, Any]]:
    """The trials, and what happened."""
    folder, url, began = storm.folder, storm.cluster.url, time.monotonic()
    with closing(Store(url_of_file(folder / "assay.db"))) as own, closing(Store(url)) as trials, storm.executor, storm:
        session = Session(own, own.open_run("chaos", {}), folder, Budget(1e6), lambda progress: None, device="cpu",
                          trials=trials, executor=storm.executor,
                          opening=Opening({"source": "digits", "seed": 0}, data))  # fmt: skip
        found = session.measure_all_on(data)(pairs)
        seconds, logs = time.monotonic() - began, storm.log_folder()
    if storm.error is not None:
        raise storm.error
    with closing(Store(url)) as store, Reading(store.engine) as reading:
        jobs, kept = reading.scalars(select(JobRow)).all(), reading.scalars(select(TrialRow.key)).all()
    return found, {
        "seconds": seconds, "kills": storm.kills, "restarts": storm.restarts, "jobs": len(jobs), "trials": len(kept),
        "not done": sum(job.state != "done" for job in jobs), "begun": sum(job.begun for job in jobs),
        "failed attempts": sum(job.attempts for job in jobs), **read_logs(logs.rglob(storm.log_names)),
    }  # fmt: skip


def read_logs(logs: Iterable[Path]) -> dict[str, int]:
    """What the workers said: trainings that went on from a checkpoint, and those that were finished twice."""
    lines = [line for log in logs for line in log.read_text(errors="replace").splitlines()]
    done = Counter(line for line in lines if line.endswith(": done"))
    return {
        "resumed": sum(line.endswith(": goes on from its checkpoint") for line in lines),
        "results dropped": sum(line.endswith(": left to others") for line in lines),
        "duplicates": sum(count - 1 for count in done.values()),
    }


def differing(calm: list[Trial], stormy: list[Trial]) -> int:
    """Trials of which anything but the seconds differs in a single bit."""
    return sum(not _same(one, other) for one, other in zip(calm, stormy, strict=True))


def _same(one: Trial, other: Trial) -> bool:
    assert one.answers is not None
    assert other.answers is not None
    answers = zip(vars(one.answers).values(), vars(other.answers).values(), strict=True)
    arrays = [(one.example_scores, other.example_scores), *answers]
    numbers = [(trial.seed, trial.value, trial.loss, trial.n, trial.steps) for trial in (one, other)]
    return numbers[0] == numbers[1] and all(np.array_equal(first, second) for first, second in arrays)


def epochs_for(data: Data, seconds: float) -> float:
    """How many take about so long."""
    recipe = make_pairs(2, 1.0)[1][0]
    return max(2.0, round(seconds / measure_speed(recipe, data).step / (len(data.train) // recipe.batch_size)))


def parser_of(text: str, *, trainings: int, seconds: float, every: float, kills: int) -> argparse.ArgumentParser:
    """The options of a storm, with these defaults."""
    parser = argparse.ArgumentParser(description=text, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trainings", type=int, default=trainings)
    parser.add_argument("--seconds", type=float, default=seconds, help="of each training, undisturbed")
    parser.add_argument("--every", type=float, default=every, help="seconds between two kills, in the mean")
    parser.add_argument("--kills", type=int, default=kills, help="at most")
    parser.add_argument("--seed", type=int, default=None, help="of moments and victims; a new one by default")
    return parser


def measure(
    name: str,
    packages: tuple[str, ...],
    options: argparse.Namespace,
    make: Callable[[Cluster, Path, random.Random], Storm],
) -> None:
    """Train in the storm and undisturbed, hold one against the other, print and record it.

    Args:
        make: the storm on a database, in a folder, drawn from what is random.
    """
    import torch

    seed = int.from_bytes(os.urandom(3), "little") if options.seed is None else options.seed
    torch.set_num_threads(1)
    settings = {"trainings": options.trainings, "seconds_each": options.seconds, "kill_every": options.every}
    settings |= {"kill_anyone": options.anyone} if "anyone" in options else {}
    record = Record(name, "every trial finishes exactly once, bit for bit as undisturbed", packages=packages,
                    seed_of_moments=seed, **settings)  # fmt: skip
    data = open_data("digits")
    pairs = make_pairs(options.trainings, epochs_for(data, options.seconds))
    with tempfile.TemporaryDirectory(prefix="assay-bench-") as folder, own_cluster() as cluster:
        stormy, figures = through_the_storm(data, pairs, make(cluster, Path(folder), random.Random(seed)))
    began = time.monotonic()
    calm = in_turn(measure_on(data))(pairs)
    figures |= {"undisturbed seconds, one after the other": time.monotonic() - began,
                "differing": differing(calm, stormy)}  # fmt: skip
    for what, value in figures.items():
        print(f"  {what}: {value:.1f}" if isinstance(value, float) else f"  {what}: {value}")
    once = figures["trials"] == figures["jobs"] == len(set(pairs)) and not figures["not done"]
    record.write({"reached": {"each exactly once": once and not figures["duplicates"],
                              "bit for bit": not figures["differing"]}, **figures})  # fmt: skip


def main() -> None:
    parser = parser_of(__doc__ or "", trainings=16, seconds=10.0, every=3.0, kills=30)
    parser.add_argument("--anyone", action="store_true", help="kill workers that still start, too")
    options = parser.parse_args()

    def make(cluster: Cluster, folder: Path, chance: random.Random) -> Storm:
        executor = QueuedTrainings(2, ways_in(folder))
        return Storm(cluster, executor, folder, options.every, options.kills, chance, sparing=not options.anyone)

    measure("chaos", ("psycopg",), options, make)


if __name__ == "__main__":
    main()
