"""Connections to a database: how it is opened, and how a transaction outlives its restart."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from shutil import disk_usage
from typing import Any, TypeVar

from sqlalchemy import URL, create_engine, event, make_url
from sqlalchemy.engine import Engine, ExceptionContext
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError

from assay.budget import budget_text
from assay.errors import InputError
from assay.store.json_text import from_json, to_json

PATIENCE_SECONDS = 60.0
"""How long a database may be away before whoever needs it gives up."""

PAUSES = 0.05, 2.0
"""Seconds between the first two attempts, and between later ones at the most."""

HASTE_SECONDS = 2.0
"""Of whoever is asked to end: enough for a lock, not for a restart."""

CONNECT_SECONDS = 10
"""One attempt at a server that does not even refuse; its driver would wait for minutes and hear nobody."""

BUSY = ("locked", "busy")
LASTING = ("authentication failed", "does not exist", "resolve host", "translate host", "no password supplied")
SHUTTING_DOWN = ("57P01", "57P02", "57P03")
FULL = ("disk is full", "no space left", "disk full", "could not extend file")

DAMAGED, NO_DATABASE = "malformed", "not a database"
BROKEN_DISK = "disk i/o error"

ROOM_BYTES = 2**20
"""SQLite calls it an I/O error too where its log, or the memory that it shares with others, finds no room."""

Result = TypeVar("Result")


class UnusableFileError(InputError):
    """A database's file that is damaged, or has no room; the message names it."""


class AwayError(InputError):
    """A database that did not answer for as long as it was waited for."""


@dataclass(frozen=True)
class Patience:
    """How a database that is away is waited for.

    seconds: how long. stop: asked between two attempts; where it is true nobody waits any longer. say: told of each
    transaction that waits for an answer.
    """

    seconds: float = PATIENCE_SECONDS
    stop: Callable[[], bool] = lambda: False
    say: Callable[[str], None] = lambda text: None


def read_url(url: str) -> URL:
    """Its parts.

    Raises:
        InputError: this is no URL; does not repeat it, since any part may be the password.
    """
    try:
        return make_url(url)
    except ArgumentError:
        reason = "Could not parse its URL"
    except ValueError:
        reason = "the port in its URL is no number; in a password write @ as %40, : as %3A and / as %2F"
    raise InputError(f"the database cannot be opened ({reason}); a usual URL is sqlite:///runs.db")


def usual_driver(url: str) -> str:
    """The URL with the driver that Assay brings for PostgreSQL, where it names none.

    Raises:
        InputError: this is no URL.
    """
    parsed = read_url(url)
    if parsed.drivername not in ("postgresql", "postgres"):
        return url
    return parsed.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def missing_driver(url: str) -> str:
    """What to do about a driver that is not installed."""
    if read_url(url).get_backend_name() in ("postgresql", "postgres"):
        return 'install its driver by pip install "assay-train[postgresql]"'
    return (
        "install the driver that its URL names, or use what Assay is tried with, sqlite:///runs.db or postgresql://..."
    )


def open_engine(url: str) -> Engine:
    """Connections to the database at `url`, each tried before it is used again.

    Raises:
        InputError: this is no URL.
    """
    parsed = read_url(url)
    hasty = {"connect_timeout": CONNECT_SECONDS} if parsed.drivername == "postgresql+psycopg" else {}
    arguments = {name: value for name, value in hasty.items() if name not in parsed.query}
    engine = create_engine(
        parsed, json_serializer=to_json, json_deserializer=from_json, pool_pre_ping=True, connect_args=arguments
    )
    if engine.dialect.name == "sqlite":
        make_sqlite_patient(engine)
        name_file_in_errors(engine)
    return engine


def name_file_in_errors(engine: Engine) -> None:
    """Let a SQLite file that is damaged, or has no room, say which it is; a file's URL holds no password."""

    @event.listens_for(engine, "handle_error")
    def tell(context: ExceptionContext) -> UnusableFileError | None:
        trouble = trouble_of_file(Path(engine.url.database or ""), str(context.original_exception))
        return None if trouble is None else UnusableFileError(f"{engine.url.database}: {trouble}")


def trouble_of_file(path: Path, reason: str) -> str | None:
    """What is wrong with a SQLite file, and what to do; None where its driver's reason says nothing of the file."""
    if DAMAGED in reason:
        return (
            f"the database is damaged ({reason}); move it away and repeat the command: a new one is made, and what "
            "it held is trained again"
        )
    if NO_DATABASE in reason:
        return f"this is no database, or a damaged one ({reason}); name another file, or move it away"
    if any(word in reason.lower() for word in FULL):
        return full(reason)
    if BROKEN_DISK not in reason.lower():
        return None
    left = disk_usage(path.absolute().parent).free
    if left < ROOM_BYTES:
        return full(f"{reason}, {left // 1024} KiB left")
    return (
        f"the database's disk does not do what it should ({reason}): it fails, or is a network's that lets no memory "
        "be shared; name a database on another disk"
    )


def make_sqlite_patient(engine: Engine) -> None:
    """Let several processes share one SQLite file: write-ahead log, and wait for a lock."""

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA busy_timeout = 30000")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.close()


def patiently(transaction: Callable[[], Result], patience: Patience | None = None) -> Result:
    """Do a whole transaction, again and again while the database is away, locked or restarting.

    The transaction must bear to be done twice: a connection can break after the database has written it down.

    Raises:
        AwayError: the database stayed away for as long as there is patience.
        InputError: its disk is full, or it refuses to write.
    """
    patience = patience or Patience()
    started, pause, told = time.monotonic(), PAUSES[0], False
    while True:
        try:
            return transaction()
        except (OperationalError, InterfaceError, DBAPIError) as error:
            if not isinstance(error, OperationalError | InterfaceError) and not error.connection_invalidated:
                raise
            if not passes(error):
                raise InputError(refusal(error)) from error
            seconds = min(patience.seconds, HASTE_SECONDS) if patience.stop() else patience.seconds
            if is_locked(error):  # SQLite's own patience ends at once where two processes begin one file
                seconds = max(seconds, HASTE_SECONDS)
            if time.monotonic() - started >= seconds:
                raise AwayError(refusal(error)) from error
            if not told and not is_locked(error):
                told = True
                patience.say(
                    f"cannot reach the database ({one_line(error)}); waits up to {budget_text(seconds)} for it"
                )
        time.sleep(pause)
        pause = min(2 * pause, PAUSES[1])


def passes(error: DBAPIError) -> bool:
    """Whether it may be gone in a moment: a restart, a lock, a broken connection."""
    reason, state = str(error.orig).lower(), getattr(error.orig, "sqlstate", None)
    if error.connection_invalidated or is_locked(error):
        return True
    if type(error.orig).__module__.startswith("sqlite3") or any(word in reason for word in LASTING):
        return False
    return state is None or state[:2] in ("08", "40") or state in SHUTTING_DOWN


def is_locked(error: DBAPIError) -> bool:
    """Whether another process is at it: that is over in moments, and nothing to tell of."""
    return any(word in str(error.orig).lower() for word in BUSY)


def one_line(error: DBAPIError) -> str:
    """What the driver says."""
    return " ".join(str(error.orig).split())


def refusal(error: DBAPIError) -> str:
    """What to tell of a database that does not take a transaction."""
    reason = one_line(error)
    if any(word in reason.lower() for word in FULL):
        return full(reason)
    if passes(error):
        return f"the database does not answer ({reason}); start it and repeat the command: what is finished is kept"
    return f"the database refuses ({reason}); mend it and repeat the command: what is finished is kept"


def full(reason: str) -> str:
    """What to tell of a disk without room."""
    return f"the database's disk is full ({reason}); make room and repeat the command: what is finished is kept"
