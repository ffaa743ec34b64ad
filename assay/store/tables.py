"""The tables: one row a run, stage, trial, decision and reading of the test split.

Names start with `assay_`: Optuna keeps tables of its own in the same database.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


def now() -> datetime:
    """This moment, with its time zone."""
    return datetime.now(UTC)


class Base(DeclarativeBase):
    """What every table shares: dictionaries are kept as JSON."""

    type_annotation_map = {dict[str, Any]: JSON}  # noqa: RUF012 - SQLAlchemy's own protocol


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
    """A finished training; the key is recipe, data and seed, so no trial is counted twice."""

    __tablename__ = "assay_trials"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    stage: Mapped[str]
    description: Mapped[str]
    recipe: Mapped[dict[str, Any]]
    result: Mapped[dict[str, Any]]
    finished: Mapped[datetime] = mapped_column(default=now)


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
