"""What a database of runs says, without a trace: nothing is made, changed or left beside the file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from sqlalchemy import NullPool, create_engine, select
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session

from assay.errors import InputError
from assay.run_folder import DATABASE
from assay.store.database import DAMAGED, NO_DATABASE, UnusableFileError
from assay.store.json_text import from_json
from assay.store.tables import DecisionRow, RunRow, StageRow

BEGUN = " started"
"""What a run decides of each stage when it begins, so that a later sitting knows."""


class Finished(NamedTuple):
    """A finished stage: what its run was asked for, and what it found."""

    request: Mapping[str, Any]
    result: Mapping[str, Any]


class Seen(NamedTuple):
    """A run as its database tells of it now. begun, done: its stages in their order. created: in UTC."""

    id: int
    request: Mapping[str, Any]
    seconds: float
    status: str
    created: datetime
    begun: tuple[str, ...]
    done: tuple[str, ...]


def finished_stages(path: Path, name: str) -> list[Finished]:
    """The finished stages called `name` of all runs in a SQLite file, the oldest first.

    Raises:
        InputError: the file cannot be read, or is no database of runs; gives the database's reason.
    """
    wanted = select(RunRow.request, StageRow.result).join(StageRow, StageRow.run_id == RunRow.id)
    with looking(path) as session:
        return [Finished(*row) for row in session.execute(wanted.where(StageRow.name == name).order_by(StageRow.id))]


def look_at_runs(path: Path) -> list[Seen]:
    """All runs in a SQLite file, the oldest first; one may be under way.

    Raises:
        InputError: the file cannot be read, or is no database of runs; gives the database's reason.
    """
    columns = (RunRow.id, RunRow.request, RunRow.seconds, RunRow.status, RunRow.created)
    with looking(path) as session:
        runs = session.execute(select(*columns).order_by(RunRow.id)).all()
        stages = session.execute(select(StageRow.run_id, StageRow.name).order_by(StageRow.id)).all()
        decided = session.execute(select(DecisionRow.run_id, DecisionRow.name).order_by(DecisionRow.id)).all()
    begun = [(run, name.removesuffix(BEGUN)) for run, name in decided if name.endswith(BEGUN)]
    return [
        Seen(*row, begun=tuple(name for run, name in begun if run == row.id),
             done=tuple(name for run, name in stages if run == row.id))
        for row in runs
    ]  # fmt: skip


def look_in(folder: Path) -> list[Seen]:
    """All runs in the database of a run's folder; none where it has none.

    Raises:
        InputError: the file cannot be read, or is no database of runs; gives the database's reason.
    """
    return look_at_runs(folder / DATABASE) if (folder / DATABASE).is_file() else []


def look_at_stage(path: Path, run: int, name: str) -> Mapping[str, Any] | None:
    """The result of a run's finished stage; None while it is not.

    Raises:
        InputError: the file cannot be read, or is no database of runs; gives the database's reason.
    """
    with looking(path) as session:
        return session.scalar(select(StageRow.result).where(StageRow.run_id == run, StageRow.name == name))


@contextmanager
def looking(path: Path) -> Iterator[Session]:
    """A session that can only read.

    Raises:
        UnusableFileError: the file is damaged, or no database at all.
        InputError: the file cannot be read, or is no database of runs; gives the database's reason.
    """

    def connect() -> sqlite3.Connection:
        # Whoever writes has a log beside the file; without one, nothing changes and no lock need be left.
        mode = "mode=ro" if path.with_name(f"{path.name}-wal").exists() else "immutable=1"
        return sqlite3.connect(f"file:{quote(str(path.absolute()))}?{mode}", uri=True)

    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool, json_deserializer=from_json)
    try:
        with Session(engine) as session:
            yield session
    except InputError:
        raise
    except (SQLAlchemyError, ValueError) as error:
        reason = error.orig if isinstance(error, DBAPIError) else error
        kind = UnusableFileError if any(word in str(reason) for word in (DAMAGED, NO_DATABASE)) else InputError
        raise kind(f"{path}: no runs can be read from this database ({reason}); restore it, or name another") from error
