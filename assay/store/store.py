"""The store: SQLite beside the run by default, any SQLAlchemy URL (PostgreSQL) on request."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Select, create_engine, event, func, select
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError, SQLAlchemyError
from sqlalchemy.orm import Session

from assay.errors import InputError
from assay.store.tables import Base, DecisionRow, RunRow, StageRow, TestReadRow, TrialRow


class Store:
    """Everything a run must find again after a kill.

    Each method is one transaction: a kill at any moment leaves the row there or not there.
    """

    def __init__(self, url: str) -> None:
        """Open the database, and make its tables if they are not there.

        Raises:
            InputError: the URL cannot be read, its driver is not installed, or nobody answers there.
        """
        self.url = url
        try:
            self.engine = create_engine(url, json_serializer=to_json, json_deserializer=from_json)
            if self.engine.dialect.name == "sqlite":
                make_sqlite_patient(self.engine)
            make_tables(self.engine)
        except (SQLAlchemyError, ImportError) as error:
            reason = str(getattr(error, "orig", None) or error)
            # Without the URL: it may hold a password.
            raise InputError(f"the database cannot be opened ({reason}); a usual URL is sqlite:///runs.db") from error

    def close(self) -> None:
        """Release the database's connections."""
        self.engine.dispose()

    def open_run(self, key: str, request: dict[str, Any]) -> int:
        """The id of the run called `key`, made if it is new."""
        found = self._find(select(RunRow.id).where(RunRow.key == key))
        if found is None:
            self._add_once(RunRow(key=key, request=request))
            found = self._find(select(RunRow.id).where(RunRow.key == key))
        return found

    def find_request(self, key: str) -> dict[str, Any] | None:
        """What the run called `key` was asked to do; None if there is no such run."""
        return self._find(select(RunRow.request).where(RunRow.key == key))

    def seconds(self, run: int) -> float:
        """Working seconds the run has used, over all its sessions."""
        return self._find(select(RunRow.seconds).where(RunRow.id == run)) or 0.0

    def set_seconds(self, run: int, seconds: float, status: str = "running") -> None:
        with Session(self.engine) as session, session.begin():
            row = session.get_one(RunRow, run)
            row.seconds, row.status = seconds, status

    def find_stage(self, run: int, name: str) -> dict[str, Any] | None:
        """The result of a finished stage, or None."""
        return self._find(select(StageRow.result).where(StageRow.run_id == run, StageRow.name == name))

    def record_stage(self, run: int, name: str, result: dict[str, Any], *, test_model: str | None = None) -> None:
        """Keep a finished stage and, in the same transaction, that it read the test split.

        A reading that was killed before its result was kept told nobody anything and does not count.
        If another process finished the same stage first, its row stands.
        """
        reads = [] if test_model is None else [TestReadRow(run_id=run, model=test_model)]
        self._add_once(StageRow(run_id=run, name=name, result=result), *reads)

    def decide(self, run: int, name: str, compute: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """The decision called `name`: computed the first time, found again ever after.

        The answer is always read back, so that it has been through JSON in the first sitting too; of
        two processes that decide at once, both get the decision that was written first.
        """
        wanted = select(DecisionRow.value).where(DecisionRow.run_id == run, DecisionRow.name == name)
        found = self._find(wanted)
        if found is None:
            self._add_once(DecisionRow(run_id=run, name=name, value=compute()))
            found = self._find(wanted)
        return found

    def find_trial(self, key: str) -> dict[str, Any] | None:
        """The result of a finished trial, or None."""
        return self._find(select(TrialRow.result).where(TrialRow.key == key))

    def record_trial(
        self, key: str, *, stage: str, description: str, recipe: dict[str, Any], result: dict[str, Any]
    ) -> None:
        """Keep a finished trial; if another worker finished the same one first, its row stands."""
        self._add_once(TrialRow(key=key, stage=stage, description=description, recipe=recipe, result=result))

    def count_trials(self) -> int:
        return self._find(select(func.count()).select_from(TrialRow)) or 0

    def test_reads(self, run: int) -> int:
        """How often this run evaluated a model on the test split."""
        return self._find(select(func.count()).select_from(TestReadRow).where(TestReadRow.run_id == run)) or 0

    def _find(self, query: Select[Any]) -> Any:
        """The first value the query gives, or None."""
        with Session(self.engine) as session:
            return session.scalar(query)

    def _add_once(self, *rows: Base) -> None:
        """Write the rows together, or none of them where a unique one is there already."""
        try:
            with Session(self.engine) as session, session.begin():
                session.add_all(rows)
        except IntegrityError as error:
            if "unique" not in str(error.orig).lower():
                raise


def url_of_file(path: Path) -> str:
    """The URL of a SQLite file, whatever characters its path has: `?` and `%` mean something in a URL."""
    return URL.create("sqlite", database=str(path)).render_as_string()


def to_json(value: Any) -> str:
    """Strict JSON, which PostgreSQL insists on: of a diverged training, `nan` is written {"float": "nan"}."""
    return json.dumps(_finite(value), allow_nan=False)


def from_json(text: str) -> Any:
    """What `to_json` wrote."""
    return json.loads(text, object_hook=lambda found: float(found["float"]) if set(found) == {"float"} else found)


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _finite(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return {"float": repr(value)} if isinstance(value, float) and not math.isfinite(value) else value


def make_tables(engine: Engine) -> None:
    """Create the tables that are missing; of two processes that start at once, the slower looks again."""
    attempts = len(Base.metadata.tables) + 1
    for left in reversed(range(attempts)):
        try:
            return Base.metadata.create_all(engine)
        except (OperationalError, ProgrammingError, IntegrityError):
            # Each attempt can lose the race for one table; a database that is really broken loses them all.
            if not left:
                raise


def make_sqlite_patient(engine: Engine) -> None:
    """Let several processes share one SQLite file: write-ahead log, and wait for a lock."""

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA busy_timeout = 30000")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.close()
