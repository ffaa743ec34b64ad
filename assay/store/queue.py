"""A queue of trainings in the trials' database: workers lease one at a time, and each finishes exactly once.

A worker that lives says so again and again. If it stops, its lease runs out, and the job is anyone's; should it
come back after that, its result is dropped. The result is written in the transaction that ends the job.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from sqlalchemy import ColumnElement, CursorResult, Update, and_, case, func, insert, literal, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from assay.store.database import patiently
from assay.store.job_conditions import free, open_to, silent, unfinished
from assay.store.schema import columns_of
from assay.store.store import CHUNK, Store
from assay.store.tables import DataRow, JobRow, TrialRow

LEASE_SECONDS = 30.0
MOST_ATTEMPTS = 3
"""How often a job may raise an exception before it has failed."""

MOST_LEASES = 100
"""How often a job may be begun: one that kills its worker every time, by its need of memory say, ends some day."""

RACES = 20
Result = TypeVar("Result")


@dataclass(frozen=True)
class Job:
    """A training to be done. key: of its trial. data: its fingerprint. recipe: as TOML. stage, text: what it is for."""

    key: str
    data: str
    recipe: str
    seed: int
    device: str
    stage: str = ""
    text: str = ""


@dataclass(frozen=True)
class Lease:
    """A job that a worker has. number: how many times the job was leased; a later one makes this void."""

    id: int
    number: int
    job: Job


@dataclass(frozen=True)
class Standing:
    """How many of certain jobs are in each state. errors: of those that failed, by key."""

    queued: int = 0
    leased: int = 0
    done: int = 0
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def known(self) -> int:
        """How many are there at all."""
        return self.queued + self.leased + self.done + len(self.errors)


class Queue:
    """The jobs in one database; each method is one transaction, or may be done twice.

    Args:
        lease_seconds: how long a worker may be silent.
    """

    def __init__(self, store: Store, *, lease_seconds: float = LEASE_SECONDS) -> None:
        self.store, self.lease_seconds = store, lease_seconds

    def ask(self, jobs: Sequence[Job], openings: dict[str, dict[str, Any]], asker: str) -> None:
        """Queue what is not there yet; what failed or was lost before is queued anew.

        Args:
            openings: how the data of each fingerprint is opened.
            asker: who waits for them; a worker may serve one asker alone.
        """
        for fingerprint, opening in openings.items():
            self._once(lambda session, one=fingerprint, how=opening: _add_data(session, one, how))
        for start in range(0, len(jobs), CHUNK):
            part = jobs[start : start + CHUNK]
            self._once(lambda session, part=part: _add_jobs(session, part, asker))

    def adopt(self, keys: Sequence[str], asker: str) -> None:
        """Claim free jobs that were asked for by somebody else as well, who may be gone."""

        def claim(session: Session) -> None:
            unowned = or_(JobRow.state == "queued", silent(clock(session)))
            for start in range(0, len(keys), CHUNK):
                wanted = and_(JobRow.key.in_(keys[start : start + CHUNK]), JobRow.asker != asker, unowned)
                _changed(session, update(JobRow).where(wanted).values(asker=asker))

        self._once(claim)

    def opening(self, fingerprint: str) -> dict[str, Any] | None:
        """How data is opened."""
        return self._once(
            lambda session: session.scalar(select(DataRow.opening).where(DataRow.fingerprint == fingerprint))
        )

    def lease(
        self, owner: str, *, asker: str | None = None, devices: Sequence[str] = ("cpu",), without: Sequence[str] = ()
    ) -> Lease | None:
        """The oldest job that is free, now this worker's; None if there is none.

        Args:
            owner: the worker's own name; it is given again what it had when a connection broke.
            asker: take only what this one waits for.
            without: fingerprints of data that this worker cannot open.
        """
        wanted = open_to(asker, devices, without)
        for _ in range(RACES):
            found, lease = self._once(lambda session: self._take(session, owner, wanted))
            if lease is not None or not found:
                return lease
        return None

    def _take(self, session: Session, owner: str, wanted: ColumnElement[bool]) -> tuple[bool, Lease | None]:
        """Whether there was a job, and its lease unless another worker was faster."""
        now = clock(session)
        query = select(JobRow).where(free(now, owner), wanted).order_by(JobRow.id).limit(1)
        row = session.scalar(query.with_for_update(skip_locked=True))
        if row is None:
            return False, None
        # SQLite knows no row locks: there the condition is what keeps two workers apart.
        same = and_(JobRow.id == row.id, JobRow.lease == row.lease, JobRow.state == row.state)
        if row.begun >= MOST_LEASES:
            error = f"it was begun {row.begun} times, and its worker died each time"
            _changed(session, update(JobRow).where(same).values(state="failed", owner=None, error=error))
            return True, None
        values = {"state": "leased", "owner": owner, "lease": row.lease + 1, "begun": row.begun + 1,
                  "expires": now + self.lease_seconds}  # fmt: skip
        if not _changed(session, update(JobRow).where(same).values(**values)):
            return True, None
        return True, Lease(row.id, row.lease + 1, _job_of(row))

    def beat(self, lease: Lease) -> bool:
        """Say that the worker lives; False if the job is its no more."""

        def extend(session: Session) -> bool:
            expires = clock(session) + self.lease_seconds
            return _changed(session, update(JobRow).where(_held(lease)).values(expires=expires))

        return self._once(extend)

    def finish(self, lease: Lease, *, description: str, recipe: dict[str, Any], result: dict[str, Any],
               source: str | None = None) -> bool:  # fmt: skip
        """Keep the trial and end the job, in one transaction; False, and nothing is kept, if the lease was lost."""

        def end(session: Session) -> bool:
            if not _changed(session, update(JobRow).where(_held(lease)).values(state="done", owner=None)):
                # The connection may have broken after an earlier attempt of this very transaction.
                ended = and_(JobRow.id == lease.id, JobRow.lease == lease.number, JobRow.state == "done")
                return session.scalar(select(JobRow.id).where(ended)) is not None
            key = lease.job.key
            if session.scalar(select(TrialRow.id).where(TrialRow.key == key)) is None:
                values = {"key": key, "stage": lease.job.stage, "description": description, "recipe": recipe,
                          "source": source}  # fmt: skip
                session.execute(insert(TrialRow).values(**values, result=result, **columns_of(key, result)))
            return True

        return self._once(end)

    def fail(self, lease: Lease, error: str, *, for_good: bool) -> None:
        """Note the exception; the job is free again, unless it has failed for good or too often."""
        attempts = JobRow.attempts + 1
        ended = or_(literal(for_good), attempts >= MOST_ATTEMPTS)
        values = {"attempts": attempts, "error": error, "owner": None, "state": case((ended, "failed"), else_="queued")}
        change = update(JobRow).where(_held(lease)).values(**values)
        self._once(lambda session: _changed(session, change))

    def give_back(self, lease: Lease) -> None:
        """Leave the job to others: this worker stops, and is not counted among those that died of it."""
        change = update(JobRow).where(_held(lease)).values(state="queued", owner=None, begun=JobRow.begun - 1)
        self._once(lambda session: session.execute(change))

    def release(self, owner: str) -> None:
        """Free what a worker has that is known to be dead."""
        change = update(JobRow).where(JobRow.owner == owner, JobRow.state == "leased")
        self._once(lambda session: session.execute(change.values(state="queued", owner=None)))

    def standing(self, keys: Sequence[str]) -> Standing:
        """Where these jobs are."""
        counts, errors = {"queued": 0, "leased": 0, "done": 0, "failed": 0}, dict[str, str]()

        def count(session: Session) -> None:
            for start in range(0, len(keys), CHUNK):
                wanted = JobRow.key.in_(keys[start : start + CHUNK])
                for state, number in session.execute(
                    select(JobRow.state, func.count()).where(wanted).group_by(JobRow.state)
                ):
                    counts[state] += number
                failed = select(JobRow.key, JobRow.error).where(wanted, JobRow.state == "failed")
                errors.update({key: error or "" for key, error in session.execute(failed)})

        def afresh(session: Session) -> None:
            counts.update(dict.fromkeys(counts, 0))
            errors.clear()
            count(session)

        self._once(afresh)
        return Standing(counts["queued"], counts["leased"], counts["done"], errors)

    def is_empty(
        self, *, asker: str | None = None, devices: Sequence[str] | None = None, without: Sequence[str] = ()
    ) -> bool:
        """Whether nothing is queued or leased that a worker may take; of any kind if it may take all."""
        waiting = select(JobRow.id).where(unfinished(), open_to(asker, devices, without)).limit(1)
        return self._once(lambda session: session.scalar(waiting) is None)

    def left(self, *, asker: str | None = None) -> list[tuple[str, str, int]]:
        """What is queued or leased: device, fingerprint of the data, how many."""
        kinds = JobRow.device, JobRow.data
        query = select(*kinds, func.count()).where(unfinished(), open_to(asker, None)).group_by(*kinds)
        return self._once(lambda session: [(*row,) for row in session.execute(query.order_by(*kinds))])

    def progress(self, asker: str) -> tuple[int, int]:
        """How often a worker took a job of this asker's, and how many are done; only ever compared."""
        done = func.count().filter(JobRow.state == "done")
        query = select(func.coalesce(func.sum(JobRow.lease), 0), done).where(JobRow.asker == asker)
        taken, ended = self._once(lambda session: session.execute(query).one())
        return int(taken), int(ended)

    def _once(self, work: Callable[[Session], Result]) -> Result:
        """Do it in one transaction; again where the database was away, or another process wrote the same row."""

        def transaction() -> Result:
            with Session(self.store.engine, expire_on_commit=False) as session, session.begin():
                return work(session)

        for left in reversed(range(RACES)):
            try:
                return patiently(transaction, self.store.patience)
            except IntegrityError:
                if not left:
                    raise
        raise AssertionError("the last attempt returns or raises")


def clock(session: Session) -> float:
    """Seconds since 1970: the database's own where hosts share it, whose clocks may differ."""
    if session.get_bind().dialect.name == "postgresql":
        return float(session.scalar(select(func.extract("epoch", func.clock_timestamp()))) or 0.0)
    return time.time()


def _held(lease: Lease) -> ColumnElement[bool]:
    return and_(JobRow.id == lease.id, JobRow.lease == lease.number, JobRow.state == "leased")


def _changed(session: Session, change: Update) -> bool:
    """Whether a row was there to be changed; rows that were read before are as they were read."""
    result = session.execute(change.execution_options(synchronize_session=False))
    return cast(CursorResult[Any], result).rowcount > 0


def _job_of(row: JobRow) -> Job:
    return Job(row.key, row.data, row.recipe, row.seed, row.device, row.stage, row.text)


def _add_data(session: Session, fingerprint: str, opening: dict[str, Any]) -> None:
    """How it is opened now: the newest asker's way counts."""
    row = session.scalar(select(DataRow).where(DataRow.fingerprint == fingerprint))
    if row is None:
        session.execute(insert(DataRow).values(fingerprint=fingerprint, opening=opening))
    else:
        row.opening = opening


def _add_jobs(session: Session, jobs: Sequence[Job], asker: str) -> None:
    keys = [job.key for job in jobs]
    there = {key: state for key, state in session.execute(select(JobRow.key, JobRow.state).where(JobRow.key.in_(keys)))}
    new = {job.key: {**vars(job), "asker": asker} for job in jobs if job.key not in there}
    if new:
        # Its trial may be there without it: trained elsewhere, or the jobs were deleted.
        trained = set(session.scalars(select(TrialRow.key).where(TrialRow.key.in_(list(new)))))
        states = {True: "done", False: "queued"}
        session.execute(insert(JobRow), [{**row, "state": states[key in trained]} for key, row in new.items()])
    kept = select(TrialRow.key).where(TrialRow.key == JobRow.key).exists()
    again = JobRow.key.in_(keys) & or_(JobRow.state == "failed", and_(JobRow.state == "done", ~kept))
    fresh = {"state": "queued", "owner": None, "attempts": 0, "begun": 0, "error": None}
    _changed(session, update(JobRow).where(again).values(**fresh))
    _changed(session, update(JobRow).where(JobRow.key.in_(keys), JobRow.state == "queued").values(asker=asker))
