"""Trials as rows to list: newest, or best first; results, with an answer for each example, are never read.

Looking changes nothing: a database that is not there yet, or is of an older version, is told of and left as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, false, func, inspect, or_, select
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session

from assay.errors import InputError
from assay.store.database import missing_driver, open_engine, read_url
from assay.store.finished import looking
from assay.store.schema import require_known
from assay.store.tables import SchemaRow, TrialRow

USUAL = 50
"""Trials that are listed if nobody says how many."""
SHOWN = (
    TrialRow.key, TrialRow.source, TrialRow.data, TrialRow.stage, TrialRow.description, TrialRow.seed, TrialRow.value,
    TrialRow.loss, TrialRow.seconds, TrialRow.finished,
)  # fmt: skip


class ListedTrial(NamedTuple):
    """One finished trial. source: what its data is called; None of an older one. data: its fingerprint."""

    key: str
    source: str | None
    data: str | None
    stage: str
    description: str
    seed: int | None
    value: float | None
    loss: float | None
    seconds: float | None
    finished: datetime


class Wanted(NamedTuple):
    """Which trials. source: as the data is called, or a fingerprint's beginning. trick: a word of the recipe's line."""

    source: str | None = None
    trick: str | None = None


def newest_trials(url: str, count: int = USUAL, wanted: Wanted = Wanted()) -> list[ListedTrial]:  # noqa: B008 - a value
    """Those that finished last, the last first.

    Raises:
        InputError: the database cannot be read; gives the reason.
    """
    return _list(url, wanted, count, select(*SHOWN).order_by(TrialRow.finished.desc(), TrialRow.id.desc()))


def best_trials(url: str, count: int, wanted: Wanted = Wanted()) -> list[ListedTrial]:  # noqa: B008 - a value
    """Those of the highest metric, the highest first; without one, a trial is in no order.

    Raises:
        InputError: the database cannot be read; gives the reason.
    """
    query = select(*SHOWN).where(TrialRow.value.is_not(None)).order_by(TrialRow.value.desc(), TrialRow.id)
    return _list(url, wanted, count, query)


def count_trials(url: str) -> int:
    """How many there are.

    Raises:
        InputError: the database cannot be read; gives the reason.
    """
    with reading(url) as session:
        return session.scalar(select(func.count()).select_from(TrialRow)) or 0


def _list(url: str, wanted: Wanted, count: int, query: Select) -> list[ListedTrial]:
    if count < 1:
        raise ValueError(f"count must be at least 1, got {count}; {USUAL} are usual")
    with reading(url) as session:
        rows = session.execute(query.where(*_conditions(wanted)).limit(count)).all()
    return [ListedTrial(*row[:-1], finished=_with_zone(row[-1])) for row in rows]


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions = list[ColumnElement[bool]]()
    if wanted.source is not None:
        begins = TrialRow.data.startswith(wanted.source, autoescape=True)
        conditions.append(or_(TrialRow.source == wanted.source, begins if wanted.source else false()))
    if wanted.trick is not None:
        conditions.append(TrialRow.description.icontains(wanted.trick, autoescape=True))
    return conditions


@contextmanager
def reading(url: str) -> Iterator[Session]:
    """A session on a database that is there and has this version's columns.

    Raises:
        InputError: it is not, or cannot be read.
    """
    place = read_url(url)
    try:
        if place.get_backend_name() != "sqlite":
            with _served(url) as session:
                require_trials(session)
                yield session
            return
    except (SQLAlchemyError, ImportError) as error:
        reason = " ".join(str(error.orig if isinstance(error, DBAPIError) else error).split())
        if isinstance(error, ImportError):
            raise InputError(f"the trials cannot be read ({reason}); {missing_driver(url)}") from error
        raise _refused(reason) from error
    path = Path(place.database or "")
    if not path.is_file():
        raise InputError(f"{path}: there is no such database; a run or a worker makes one")
    try:
        with looking(path) as session:
            require_trials(session)
            yield session
    except InputError as error:
        if isinstance(error.__cause__, DBAPIError):
            raise _refused(f"{path}: {error.__cause__.orig}", "name another database") from error
        raise


def require_trials(session: Session) -> None:
    """Refuse tables that this Assay does not know.

    Raises:
        InputError: there are none of Assay's, or they are of a newer version.
    """
    names = inspect(session.connection()).get_table_names()
    if TrialRow.__tablename__ not in names:
        raise InputError("the database holds no trials of Assay; name another database")
    if SchemaRow.__tablename__ in names:
        require_known(session.scalar(select(SchemaRow.version)))


@contextmanager
def _served(url: str) -> Iterator[Session]:
    """On a server's database."""
    engine = open_engine(url)
    try:
        with Session(engine) as session:
            yield session
    finally:
        engine.dispose()


def _refused(reason: str, remedy: str = "check the database's URL") -> InputError:
    # Without the URL: it may hold a password.
    if "column" in reason:
        return InputError(f"the trials are of an older version ({reason}); the next run or worker there mends that")
    return InputError(f"the trials cannot be read ({reason}); {remedy}")


def _with_zone(moment: datetime) -> datetime:
    """SQLite forgets that it was given in UTC."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
