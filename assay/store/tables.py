"""The tables: one row a run, stage, trial, measurement, decision, job and reading of the test split.

Names start with `assay_`: Optuna keeps tables of its own in the same database.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


def now() -> datetime:
    """This moment, with its time zone."""
    return datetime.now(UTC)


class Base(DeclarativeBase):
    """What every table shares: dictionaries are kept as JSON."""

    type_annotation_map = {dict[str, Any]: JSON}  # noqa: RUF012 - SQLAlchemy's own protocol


class SchemaRow(Base):
    """Which version of these tables the database has."""

    __tablename__ = "assay_schema"
    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int]


class RunRow(Base):
    """One `assay run`: what was asked, and the working seconds it has used so far."""

    __tablename__ = "assay_runs"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    request: Mapped[dict[str, Any]]
    seconds: Mapped[float] = mapped_column(default=0.0)
    status: Mapped[str] = mapped_column(default="running")
    created: Mapped[datetime] = mapped_column(default=now)


class StageRow(Base):
    """A finished stage and what it found."""

    __tablename__ = "assay_stages"
    __table_args__ = (UniqueConstraint("run_id", "name"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("assay_runs.id"))
    name: Mapped[str]
    result: Mapped[dict[str, Any]]
    finished: Mapped[datetime] = mapped_column(default=now)


class TrialRow(Base):
    """A finished training; the key is recipe, data and seed, so no trial is counted twice.

    source: what the data is called. data, seed, value, loss, seconds: from the key and the result, to list by.
    """

    __tablename__ = "assay_trials"
    __table_args__ = (
        Index("assay_trials_by_finish", "finished"),
        Index("assay_trials_by_value", "value"),
        Index("assay_trials_by_source", "source", "value"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    stage: Mapped[str]
    description: Mapped[str]
    recipe: Mapped[dict[str, Any]]
    result: Mapped[dict[str, Any]]
    finished: Mapped[datetime] = mapped_column(default=now)
    source: Mapped[str | None]
    data: Mapped[str | None]
    seed: Mapped[int | None]
    value: Mapped[float | None]
    loss: Mapped[float | None]
    seconds: Mapped[float | None]


class MeasurementRow(Base):
    """What something costs on a kind of machine, measured once for all runs."""

    __tablename__ = "assay_measurements"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    value: Mapped[dict[str, Any]]
    measured: Mapped[datetime] = mapped_column(default=now)


class DataRow(Base):
    """How the data of jobs is opened, on any machine."""

    __tablename__ = "assay_data"
    id: Mapped[int] = mapped_column(primary_key=True)
    fingerprint: Mapped[str] = mapped_column(unique=True)
    opening: Mapped[dict[str, Any]]


class JobRow(Base):
    """A training that somebody asked for, under the key of its trial.

    state: queued, leased, done or failed. asker: who wants it. owner: the worker that has it until `expires`, in
    seconds since 1970 by the database's clock, unless it says that it still lives. lease: counts up with each
    worker that takes it, so that an earlier one knows that it lost it. begun: how often it was taken since it was
    asked for. attempts: how often it raised an exception.
    """

    __tablename__ = "assay_jobs"
    __table_args__ = (Index("assay_jobs_by_state", "state", "id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    data: Mapped[str]
    recipe: Mapped[str]
    seed: Mapped[int]
    device: Mapped[str]
    stage: Mapped[str]
    text: Mapped[str]
    asker: Mapped[str]
    state: Mapped[str] = mapped_column(default="queued")
    owner: Mapped[str | None]
    expires: Mapped[float] = mapped_column(default=0.0)
    lease: Mapped[int] = mapped_column(default=0)
    begun: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None]
    created: Mapped[datetime] = mapped_column(default=now)


class DecisionRow(Base):
    """Something decided once, from measured time or luck, that a resumed run must not decide again."""

    __tablename__ = "assay_decisions"
    __table_args__ = (UniqueConstraint("run_id", "name"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("assay_runs.id"))
    name: Mapped[str]
    value: Mapped[dict[str, Any]]
    decided: Mapped[datetime] = mapped_column(default=now)


class TestReadRow(Base):
    """One evaluation of a model on the test split."""

    __tablename__ = "assay_test_reads"
    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("assay_runs.id"))
    model: Mapped[str]
    read: Mapped[datetime] = mapped_column(default=now)
