"""What a database of the past says, without a trace: nothing is made, changed or left beside the file."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from sqlalchemy import NullPool, create_engine, select
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session

from assay.errors import InputError
from assay.store.store import from_json
from assay.store.tables import RunRow, StageRow


class Finished(NamedTuple):
    """A finished stage: what its run was asked for, and what it found."""

    request: Mapping[str, Any]
    result: Mapping[str, Any]


def finished_stages(path: Path, name: str) -> list[Finished]:
    """The finished stages called `name` of all runs in a SQLite file, the oldest first.

    Raises:
        InputError: the file cannot be read, or is no database of runs; gives the database's reason.
    """

    def connect() -> sqlite3.Connection:
        # Whoever writes has a log beside the file; without one, nothing changes and no lock need be left.
        mode = "mode=ro" if path.with_name(f"{path.name}-wal").exists() else "immutable=1"
        return sqlite3.connect(f"file:{quote(str(path.absolute()))}?{mode}", uri=True)

    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool, json_deserializer=from_json)
    wanted = select(RunRow.request, StageRow.result).join(StageRow, StageRow.run_id == RunRow.id)
    try:
        with Session(engine) as session:
            found = session.execute(wanted.where(StageRow.name == name).order_by(StageRow.id)).all()
    except (SQLAlchemyError, ValueError) as error:
        reason = error.orig if isinstance(error, DBAPIError) else error
        raise InputError(f"{path}: no runs can be read from this database ({reason}); restore or remove it") from error
    return [Finished(*row) for row in found]
