"""A worker: leases a training from the queue, does it, writes down its result, and takes the next.

    work("postgresql+psycopg://host/assay", Path("checkpoints"), stop=asked_to_stop)

Any number may work on one database, on any number of machines. Whichever dies, its training goes on from its
checkpoint elsewhere, if the folder of checkpoints can be seen there; else from its beginning.
"""

from __future__ import annotations

import os
import secrets
import socket
import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from assay.budget import budget_text
from assay.data.data import Data
from assay.errors import InputError
from assay.executors.heartbeat import Heartbeat
from assay.executors.job_training import CHECKPOINT_SECONDS, train_job
from assay.executors.opening import open_again
from assay.store.database import AwayError, Patience
from assay.store.queue import LEASE_SECONDS, Lease, Queue
from assay.store.store import Store
from assay.training.live import LiveFile
from assay.training.part import checkpoint_key, part_of
from assay.trial import Trial

IDLE_SECONDS = 0.1, 1.0
"""Between two looks at an empty queue: at first, and later."""

PATIENCE_SECONDS = 600.0
"""A worker waits longer for a database that is away than a person would: it holds a finished training."""


@dataclass(frozen=True)
class Habits:
    """How a worker works.

    Args:
        name: under which it leases; a new one without.
        asker: do only what this one waits for; anything without.
        until_empty: end when nothing is queued or trained anywhere that it may take.
        wait_seconds: how long such a worker waits for the first training where nothing is queued at all.
        lease_seconds: how long it may be silent before its job is another's.
        live: file that curves are told to.
    """

    name: str | None = None
    asker: str | None = None
    until_empty: bool = False
    wait_seconds: float = 0.0
    lease_seconds: float = LEASE_SECONDS
    checkpoint_seconds: float = CHECKPOINT_SECONDS
    patience_seconds: float = PATIENCE_SECONDS
    live: Path | None = None


def work(
    database: str, checkpoints: Path, *, stop: Callable[[], bool] = lambda: False, habits: Habits | None = None,
    say: Callable[[str], None] = lambda text: None,
) -> int:  # fmt: skip
    """Train what is queued until told to stop; returns how many trainings this worker finished.

    Args:
        database: SQLAlchemy URL of the trials' database.
        checkpoints: folder that workers of one machine share; better, all machines.
        stop: asked between two steps, and while the database is waited for; a training under way is saved and given
            back.
        say: told one line for each job that begins or ends, and of a database that is waited for.
    Raises:
        InputError: the database cannot be opened, stays away for long, or its disk is full.
    """
    habits = habits or Habits()
    checkpoints.mkdir(parents=True, exist_ok=True)
    patience = Patience(habits.patience_seconds, stop, say)
    worker: _Worker | None = None
    try:
        with closing(Store(database, patience=patience, wait=True)) as store:
            worker = _Worker(Queue(store, lease_seconds=habits.lease_seconds), checkpoints, stop, habits, say)
            worker.go_on()
    except AwayError as error:
        if not stop():
            raise
        say(f"stopped: {_words(error)}")
    return 0 if worker is None else worker.finished


@dataclass
class _Worker:
    queue: Queue
    checkpoints: Path
    stop: Callable[[], bool]
    habits: Habits
    say: Callable[[str], None]
    data: dict[str, Data] = field(default_factory=dict)
    foreign: list[str] = field(default_factory=list)
    finished: int = 0
    has_begun: bool = False
    waits_until: float | None = None

    def __post_init__(self) -> None:
        self.name = self.habits.name or f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
        self.devices = ("cpu", "cuda") if torch.cuda.is_available() else ("cpu",)
        self.live = None if self.habits.live is None else LiveFile(self.habits.live)

    def go_on(self) -> None:
        """Job after job; counts those that are finished."""
        pause = IDLE_SECONDS[0]
        while not self.stop():
            lease = self.queue.lease(self.name, asker=self.habits.asker, devices=self.devices, without=self.foreign)
            if lease is not None:
                self.has_begun = True
                self.finished += self.do(lease)
                pause = IDLE_SECONDS[0]
                continue
            if self.habits.until_empty and self.has_nothing_left():
                break
            time.sleep(pause)
            pause = min(2 * pause, IDLE_SECONDS[1])

    def has_nothing_left(self) -> bool:
        """Whether all that is queued or trained anywhere is none of this worker's, and no first one is waited for."""
        asker = self.habits.asker
        if not self.queue.is_empty(asker=asker, devices=self.devices, without=self.foreign):
            # It may be another worker's.
            self.has_begun = True
            return False
        left = self.queue.left(asker=asker)
        if not left and not self.has_begun:
            return self.has_waited()
        for device, data, number in left:
            reason = f"data {data} cannot be opened here" if device in self.devices else f"there is no {device} here"
            self.say(f"{number} {'training is' if number == 1 else 'trainings are'} left to others: {reason}")
        return True

    def has_waited(self) -> bool:
        """Whether the first training was waited for as long as it should be; says so, and when it begins to wait."""
        wait = self.habits.wait_seconds
        if self.waits_until is None:
            self.waits_until = time.monotonic() + wait
            if wait > 0:
                self.say(f"nothing is queued; waits {budget_text(wait)} for the first training")
        if time.monotonic() < self.waits_until:
            return False
        self.say(f"nothing was queued in {budget_text(wait)}" if wait > 0 else "nothing is queued")
        return True

    def do(self, lease: Lease) -> bool:
        """Whether this worker finished the job.

        Raises:
            InputError: the database does not answer; the job is another's when its lease has run out.
        """
        name = lease.job.text or lease.job.key
        opening = {} if lease.job.data in self.data else self.queue.opening(lease.job.data)
        self.say(f"{name}: {'goes on from its checkpoint' if self.checkpoint_of(lease).exists() else 'begins'}")
        with Heartbeat(self.queue, lease) as heart:
            try:
                data = self.open(lease, opening)
                trial = None if data is None else self.train(lease, data, heart)
            except Exception as error:
                self.queue.fail(lease, _words(error), for_good=isinstance(error, InputError))
                self.say(f"{name}: failed; {_words(error)}")
                return False
            if trial is None:
                self.queue.give_back(lease)
            kept = trial is not None and self.keep(lease, trial)
        self.say(f"{name}: {'done' if kept else 'left to others'}")
        return kept

    def train(self, lease: Lease, data: Data, heart: Heartbeat) -> Trial | None:
        """The trial; None if the worker is to stop, or lost the job."""
        return train_job(
            lease.job, data, self.checkpoint_of(lease), halted=lambda: heart.lost or self.stop(), live=self.live,
            checkpoint_seconds=self.habits.checkpoint_seconds,
        )  # fmt: skip

    def keep(self, lease: Lease, trial: Trial) -> bool:
        """Write the result down; False if the job is another worker's by now."""
        recipe, checkpoint = trial.recipe, self.checkpoint_of(lease)
        kept = self.queue.finish(lease, description=recipe.describe(), recipe=recipe.to_dict(), result=trial.to_dict(),
                                 source=self.data[lease.job.data].name)  # fmt: skip
        if kept and part_of(lease.job.key).until == 1:
            # Those of workers that died while they wrote, too.
            for left in (checkpoint, *self.checkpoints.glob(f".{checkpoint.name}.*")):
                left.unlink(missing_ok=True)
        return kept

    def open(self, lease: Lease, opening: Mapping[str, Any] | None) -> Data | None:
        """The job's data, kept for the next job; None if it cannot be opened here, and is left to other machines.

        Raises:
            InputError: nobody knows how, or it cannot be opened and this worker is its asker's own.
        """
        fingerprint = lease.job.data
        if fingerprint not in self.data:
            if opening is None:
                raise InputError(f"the database does not say how data {fingerprint} is opened: its row is gone")
            try:
                self.data = {fingerprint: open_again(opening, fingerprint)}
            except InputError as error:
                if self.habits.asker is not None:
                    raise
                self.say(f"data {fingerprint} cannot be opened here: {_words(error)}")
                self.foreign.append(fingerprint)
                return None
        return self.data[fingerprint]

    def checkpoint_of(self, lease: Lease) -> Path:
        """The same for every worker."""
        return self.checkpoints / f"{checkpoint_key(lease.job.key)}.checkpoint"


def _words(error: Exception) -> str:
    """The exception in one line, with the place it came from unless it is meant to be read."""
    text = " ".join(str(error).split())
    if isinstance(error, InputError):
        return text
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {text} ({Path(place.filename).name}, line {place.lineno})"
