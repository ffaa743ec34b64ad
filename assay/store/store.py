"""The store: SQLite beside the run by default, any SQLAlchemy URL (PostgreSQL) on request."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Select, func, insert, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session

from assay.errors import InputError
from assay.store.database import (
    AwayError,
    Patience,
    UnusableFileError,
    missing_driver,
    open_engine,
    passes,
    patiently,
    usual_driver,
)
from assay.store.schema import columns_of, prepare
from assay.store.tables import Base, DecisionRow, MeasurementRow, RunRow, StageRow, TestReadRow, TrialRow

CHUNK = 500
"""Keys that are asked for at a time."""


class Store:
    """Everything a run must find again after a kill.

    Each method is one transaction: a kill at any moment leaves the row there or not there. A database that is
    restarted in between is waited for with `patience`.
    """

    def __init__(self, url: str, *, patience: Patience | None = None, wait: bool = False) -> None:
        """Open the database, make its tables if they are not there, and bring older ones up to date.

        Args:
            wait: be patient at the opening too, for whoever starts while the database may be away.
        Raises:
            AwayError: nobody answers there.
            InputError: the URL cannot be read, its driver is not installed, or its tables are another program's or
                of a newer version.
        """
        self.url, self.patience = url, patience or Patience()
        try:
            self.url = usual_driver(url)
            self.engine = open_engine(self.url)
            self._prepare(self.patience if wait else Patience(0.0))
        except UnusableFileError:
            raise
        except (SQLAlchemyError, ImportError, InputError) as error:
            cause = error.__cause__ if isinstance(error, InputError) else error
            if cause is None:
                raise
            reason = " ".join(str(getattr(cause, "orig", None) or cause).split())
            kind, remedy = InputError, "a usual URL is sqlite:///runs.db"
            if isinstance(cause, ImportError):
                remedy = missing_driver(self.url)
            elif isinstance(cause, DBAPIError) and passes(cause):
                kind, remedy = AwayError, "start it, or check host, port and name in its URL"
            # Without the URL: it may hold a password.
            raise kind(f"the database cannot be opened ({reason}); {remedy}") from error

    def _prepare(self, patience: Patience) -> None:
        """Make the tables; nothing stays open where that fails."""
        try:
            patiently(lambda: prepare(self.engine), patience)
        except BaseException:
            self.engine.dispose()
            raise

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
        """Note them, and whether the run is done."""

        def write() -> None:
            with Session(self.engine) as session, session.begin():
                row = session.get_one(RunRow, run)
                row.seconds, row.status = seconds, status

        patiently(write, self.patience)

    def mark_stopped(self, run: int) -> None:
        """Note that nobody works at a run that is not done, as far as the database still answers."""
        row = update(RunRow).where(RunRow.id == run, RunRow.status != "done").values(status="stopped")
        with suppress(SQLAlchemyError, InputError), self.engine.begin() as connection:
            connection.execute(row)

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

    def find_measurement(self, key: str) -> dict[str, Any] | None:
        """What was measured once for all runs, or None."""
        return self._find(select(MeasurementRow.value).where(MeasurementRow.key == key))

    def record_measurement(self, key: str, value: dict[str, Any]) -> None:
        """Keep it for all runs; if it is there already, that stands."""
        self._add_once(MeasurementRow(key=key, value=value))

    def find_trial(self, key: str) -> dict[str, Any] | None:
        """The result of a finished trial, or None."""
        return self._find(select(TrialRow.result).where(TrialRow.key == key))

    def find_trials(self, keys: Sequence[str]) -> dict[str, dict[str, Any]]:
        """The results of those that are finished, by key."""

        def read() -> dict[str, dict[str, Any]]:
            found = dict[str, dict[str, Any]]()
            with Session(self.engine) as session:
                for start in range(0, len(keys), CHUNK):
                    wanted = TrialRow.key.in_(keys[start : start + CHUNK])
                    found |= {
                        key: result
                        for key, result in session.execute(select(TrialRow.key, TrialRow.result).where(wanted))
                    }
            return found

        return patiently(read, self.patience)

    def record_trial(
        self, key: str, *, stage: str, description: str, recipe: dict[str, Any], result: dict[str, Any],
        source: str | None = None,
    ) -> None:  # fmt: skip
        """Keep a finished trial; if another worker finished the same one first, its row stands.

        Args:
            source: what its data is called.
        """
        self._add_once(TrialRow(key=key, stage=stage, description=description, recipe=recipe, result=result,
                                source=source, **columns_of(key, result)))  # fmt: skip

    def count_trials(self) -> int:
        return self._find(select(func.count()).select_from(TrialRow)) or 0

    def test_reads(self, run: int) -> int:
        """How often this run evaluated a model on the test split."""
        return self._find(select(func.count()).select_from(TestReadRow).where(TestReadRow.run_id == run)) or 0

    def _find(self, query: Select[Any]) -> Any:
        """The first value the query gives, or None."""

        def read() -> Any:
            with Session(self.engine) as session:
                return session.scalar(query)

        return patiently(read, self.patience)

    def _add_once(self, *rows: Base) -> None:
        """Write the rows together, or none of them where a unique one is there already."""
        given = [(type(row), values_of(row)) for row in rows]

        def write() -> None:
            with Session(self.engine) as session, session.begin():
                for kind, values in given:
                    session.execute(insert(kind).values(**values))

        try:
            patiently(write, self.patience)
        except IntegrityError as error:
            if "unique" not in str(error.orig).lower():
                raise


def values_of(row: Base) -> dict[str, Any]:
    """What the row was given, by column; the rest takes its default."""
    names = [column.name for column in row.__table__.columns]
    return {name: getattr(row, name) for name in names if getattr(row, name) is not None}


def url_of_file(path: Path) -> str:
    """The URL of a SQLite file, whatever characters its path has: `?` and `%` mean something in a URL."""
    return URL.create("sqlite", database=str(path)).render_as_string()
