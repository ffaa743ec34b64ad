"""Trainings by worker processes: asked for in the queue, done by whoever leases them, and waited for here."""

from __future__ import annotations

import os
import secrets
import socket
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import TracebackType

from assay.budget import budget_text
from assay.errors import InputError
from assay.executors.crew import Crew
from assay.executors.executor import Asking, name_training
from assay.executors.pool import Pool, Ways
from assay.recipe import Recipe
from assay.recipe_toml import recipe_to_toml
from assay.store.queue import Job, Queue, Standing
from assay.trial import MeasureAll, Trial, in_turn, trial_key

POLL_SECONDS, ADOPT_SECONDS = 0.25, 3.0
ROUNDS = 2
"""Once more where a trial was deleted between its end and the look for it; never without end."""

ONLY_HERE = "other processes cannot open this data: it was made or changed in this one, or cannot say what it holds"


class QueuedTrainings:
    """An `Executor`; its workers live as long as its block, from one request to the next.

    Args:
        workers: processes on this machine; 0 if only others, begun by `assay worker`, are to train.
        ways: how they work.
        crew: makes those who work, as `Pool` does.
    """

    def __init__(self, workers: int, ways: Ways | None = None, *, crew: Callable[..., Crew] = Pool) -> None:
        self.workers, self.ways, self.crew = workers, ways or Ways(), crew
        self.asker = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
        self.pool: Crew | None = None
        self.told = False

    def __call__(self, asking: Asking) -> MeasureAll:
        return partial(self.measure_all, asking)

    def __enter__(self) -> QueuedTrainings:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.pool is not None:
            self.pool.stop()

    def measure_all(self, asking: Asking, pairs: Sequence[tuple[Recipe, int]]) -> list[Trial]:
        """The trials, in the order they were asked for; those that are finished already are found again.

        Raises:
            InputError: a training failed, workers cannot be started, or a trial that they recorded cannot be read back.
        """
        keys = [trial_key(recipe, asking.data, seed, asking.device, asking.part) for recipe, seed in pairs]
        found = asking.trials.find_trials(list(dict.fromkeys(keys)))
        missing = {key: pair for key, pair in zip(keys, pairs, strict=True) if key not in found}
        for _ in range(ROUNDS):
            if not missing:
                break
            opening = None if asking.opening is None else asking.opening.of(asking.data)
            if opening is None:
                self._say_here(asking, len(missing))
                return in_turn(asking.here)(pairs)
            self._train(asking, missing, opening)
            found |= asking.trials.find_trials(list(missing))
            missing = {key: pair for key, pair in missing.items() if key not in found}
        if missing:
            place = asking.trials.engine.url.render_as_string()
            raise InputError(
                f"{place}: {len(missing)} of {len(keys)} trials cannot be read back, trained {ROUNDS} times, the first "
                f"with key {next(iter(missing))}; see what deletes them, or name another --database"
            )
        return [Trial.from_dict(recipe, found[key]) for key, (recipe, _) in zip(keys, pairs, strict=True)]

    def _say_here(self, asking: Asking, number: int) -> None:
        text = f"{number} {'training is' if number == 1 else 'trainings are'} done here, one after the other"
        asking.say(f"{text}: {ONLY_HERE}", 0.0)
        if not self.told:
            self.told = True
            print(f"assay: {text}, by no worker: {ONLY_HERE}", file=sys.stderr)

    def _train(self, asking: Asking, missing: Mapping[str, tuple[Recipe, int]], opening: dict[str, object]) -> None:
        queue = Queue(asking.trials, lease_seconds=self.ways.lease_seconds)
        fingerprint = asking.data.fingerprint
        jobs = [
            Job(key, fingerprint, recipe_to_toml(recipe), seed, asking.device.type, asking.stage,
                name_training(recipe, seed))
            for key, (recipe, seed) in missing.items()
        ]  # fmt: skip
        ask = partial(queue.ask, jobs, {fingerprint: opening}, self.asker)
        ask()
        if self.pool is None:
            self.pool = self.crew(self.workers, queue, self.ways, asker=self.asker, curves=asking.curves,
                                  logs=asking.folder, gpu=asking.device.type == "cuda")  # fmt: skip
        try:
            self._wait(asking, queue, {job.key: job.text for job in jobs}, self.pool, ask)
        except KeyboardInterrupt:
            asking.say("stops: each worker saves its training", 0.0)
            raise

    def _wait(
        self, asking: Asking, queue: Queue, names: Mapping[str, str], pool: Crew, ask: Callable[[], None]
    ) -> None:
        started = adopted = time.monotonic()
        keys, standing = list(names), Standing()
        while standing.done < len(keys):
            pool.look()
            standing = queue.standing(keys)
            for key, error in standing.errors.items():
                raise InputError(f"the training {names[key]} failed: {error}; repeat the command to try it again")
            if standing.known < len(keys):
                # Somebody deleted rows; what is trained already is done at once.
                ask()
            if time.monotonic() - adopted > ADOPT_SECONDS:
                adopted = time.monotonic()
                queue.adopt(keys, self.asker)
            asking.say(tell_standing(standing, len(keys), time.monotonic() - started), standing.done / len(keys))
            time.sleep(POLL_SECONDS)


def tell_standing(standing: Standing, total: int, seconds: float) -> str:
    """`5 of 12 trainings done, 2 under way, 5 queued, about 40s left`."""
    parts = [f"{standing.done} of {total} trainings done"]
    parts += [f"{standing.leased} under way"] if standing.leased else []
    parts += [f"{standing.queued} queued"] if standing.queued else []
    if 0 < standing.done < total:
        parts.append(f"about {budget_text(seconds * (total - standing.done) / standing.done)} left")
    return ", ".join(parts)
