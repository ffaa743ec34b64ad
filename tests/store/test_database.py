"""A database that is away is waited for; one that is full or refuses is told in words; nothing is lost either way."""

import shutil
import socket
import sqlite3
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError

from assay.errors import InputError
from assay.executors.ray_crew import require_reachable
from assay.store import database
from assay.store.database import AwayError, Patience, open_engine, passes, patiently, usual_driver
from assay.store.listing import newest_trials
from assay.store.store import Store, url_of_file
from assay.store.trials import checkpoints_of


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds that are slept, by a clock that only they move."""
    slept: list[float] = []
    monkeypatch.setattr(database.time, "sleep", slept.append)
    monkeypatch.setattr(database.time, "monotonic", lambda: sum(slept))
    return slept


def error_of(reason: str, kind: type[OperationalError | InterfaceError] = OperationalError) -> OperationalError:
    return kind("select 1", {}, sqlite3.OperationalError(reason))


class Dropped(Exception):
    """As another driver says that the server went away."""

    sqlstate = None


@pytest.mark.parametrize("reason", ["database is locked", "database table is locked", "the connection is busy"])
def test_a_lock_is_waited_for_longer_and_longer(naps: list[float], reason: str):
    outcomes: Iterator[str] = iter(["locked"] * 7 + ["done"])

    def transaction() -> str:
        if next(outcomes) == "locked":
            raise error_of(reason)
        return "done"

    assert patiently(transaction) == "done"
    assert naps == [0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 2.0]


def test_patience_ends(naps: list[float]):
    def transaction() -> None:
        raise OperationalError("select 1", {}, Dropped("server closed the connection"))

    with pytest.raises(
        InputError, match=r"does not answer .server closed the connection.; start it and repeat the com"
    ):
        patiently(transaction, Patience(10.0))
    assert 10.0 < sum(naps) <= 12.0


def test_whoever_is_asked_to_end_waits_no_longer_than_for_a_lock(naps: list[float]):
    told = list[str]()

    def transaction() -> None:
        raise OperationalError("select 1", {}, Dropped("connection\n refused"))

    with pytest.raises(AwayError, match=r"does not answer .connection refused."):
        patiently(transaction, Patience(600.0, stop=lambda: sum(naps) > 30.0, say=told.append))
    assert 30.0 < sum(naps) <= 32.0
    assert told == ["cannot reach the database (connection refused); waits up to 10m for it"]
    naps.clear()
    with pytest.raises(AwayError, match=r"does not answer \(connection refused\)"):
        patiently(transaction, Patience(600.0, stop=lambda: True))
    assert 0.0 < sum(naps) <= 4.0


def test_a_lock_is_waited_for_by_those_without_patience_too(naps: list[float]):
    """Two processes that began one SQLite file at once: the one that came second gave up."""
    outcomes: Iterator[str] = iter(["locked"] * 3 + ["done"])

    def transaction() -> str:
        if next(outcomes) == "locked":
            raise error_of("database is locked")
        return "done"

    assert patiently(transaction, Patience(0.0)) == "done"
    assert 0 < sum(naps) < database.HASTE_SECONDS


def test_a_lock_is_no_matter_to_tell_of(naps: list[float]):
    def transaction() -> None:
        raise error_of("database is locked")

    told = list[str]()
    with pytest.raises(AwayError, match=r"does not answer \(database is locked\)"):
        patiently(transaction, Patience(10.0, say=told.append))
    assert told == []


def test_a_server_that_says_nothing_is_not_waited_for_by_its_driver(monkeypatch: pytest.MonkeyPatch):
    """Some drop what reaches a closed port; the driver's own patience would be longer than a person's."""
    monkeypatch.setattr(database, "CONNECT_SECONDS", 2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(AwayError, match=r"timeout.*; start it, or check host, port and name in its URL"):
            Store(f"postgresql://me@127.0.0.1:{port}/nowhere")


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("database or disk is full", r"the database's disk is full .*; make room and repeat the command: what is fini"),
        ("attempt to write a readonly database", r"the database refuses .attempt to write a readonly database.; mend"),
        ("disk I/O error", r"the database refuses .disk I/O error.; mend it and repeat the command"),
    ],
)
def test_what_does_not_pass_is_told_at_once(naps: list[float], reason: str, told: str):
    def transaction() -> None:
        raise error_of(reason)

    with pytest.raises(InputError, match=told):
        patiently(transaction)
    assert naps == []


def test_what_is_no_matter_of_connections_is_raised_as_it_is(naps: list[float]):
    def transaction() -> None:
        raise IntegrityError("insert", {}, sqlite3.IntegrityError("UNIQUE constraint failed"))

    with pytest.raises(IntegrityError, match="UNIQUE"):
        patiently(transaction)
    assert naps == []


def test_a_wrong_password_or_name_does_not_pass():
    for reason in ("password authentication failed for user", 'database "x" does not exist', "failed to resolve host"):
        assert not passes(OperationalError("", {}, Dropped(reason)))
    assert passes(OperationalError("", {}, Dropped("the database system is starting up")))


def test_postgresql_without_a_driver_is_given_the_one_that_is_brought():
    for name in ("postgres", "postgresql"):
        assert usual_driver(f"{name}://me:secret@host:1/db?a=b") == "postgresql+psycopg://me:secret@host:1/db?a=b"
    for url in ("sqlite:///a.db", "postgresql+asyncpg://me@host/db"):
        assert usual_driver(url) == url


@pytest.mark.parametrize(
    "use", [Store, usual_driver, open_engine, checkpoints_of, lambda url: require_reachable(url, True)]
)
@pytest.mark.parametrize(("url", "reason"), [
    ("postgresql://h:secret/db", "the port in its URL is no number; in a password write @ as %40, : as %3A and / as"),
    ("postgresql://me:secret", "the port in its URL is no number; .*"), ("me:secret@host", "Could not parse its URL."),
])  # fmt: skip
def test_a_url_that_is_none_is_told_without_its_password(use: Callable[[str], object], url: str, reason: str):
    with pytest.raises(InputError, match=rf"cannot be opened .{reason}.*; a usual URL is sqlite:///runs.db") as told:
        use(url)
    assert "secret" not in "".join(traceback.format_exception(told.value)).replace(f'use("{url}")', "")


def test_a_driver_that_is_not_installed_is_told_with_how_to_get_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(InputError, match=r"psycopg.*; install its driver by pip install .assay-train.postgresql"):
        Store("postgresql://me:secret@localhost/nowhere")


@pytest.mark.parametrize("use", [Store, newest_trials])
def test_the_driver_of_another_database_is_not_postgresqls(
    use: Callable[[str], object], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(sys.modules, "MySQLdb", None)
    with pytest.raises(InputError, match=r"install the driver that its URL names, or use what Assay is tried") as told:
        use("mysql://me:secret@localhost/nowhere")
    assert "assay-train[" not in str(told.value)
    assert "secret" not in str(told.value)


def test_a_damaged_file_is_named_with_the_way_out(tmp_path: Path):
    with closing(Store(url_of_file(tmp_path / "trials.db"))) as store:
        record_many(store, 300, letters=200)
    path = tmp_path / "trials.db"
    healthy = path.read_bytes()
    path.write_bytes(healthy[:4096] + b"\x5a" * (len(healthy) - 4096))
    with pytest.raises(
        InputError, match=r"trials\.db: the database is damaged \(.*malformed.*\); move it away and repe"
    ):
        read_all(path)
    path.write_bytes(healthy[:65536] + b"\x5a" * (len(healthy) - 65536))
    with pytest.raises(InputError, match=r"trials\.db: the database is damaged"):
        read_all(path)


@pytest.mark.parametrize(
    ("left", "told"),
    [
        (4096, r"a\.db: the database's disk is full .disk I/O error, 4 KiB left.; make room and repeat the command"),
        (2**30, r"a\.db: the database's disk does not do .* .disk I/O error.*; name a database on another disk"),
    ],
)
def test_an_error_of_the_disk_is_told_as_one(left: int, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """It was told as a wrong URL."""

    class Broken(sqlite3.Connection):
        def cursor(self, *_: object) -> sqlite3.Cursor:  # pyright: ignore[reportIncompatibleMethodOverride]
            raise sqlite3.OperationalError("disk I/O error")

    connect = sqlite3.connect
    monkeypatch.setattr("sqlite3.dbapi2.connect", lambda *given, **more: connect(*given, **more, factory=Broken))
    monkeypatch.setattr(database, "disk_usage", lambda folder: shutil._ntuple_diskusage(left, 0, left))
    with pytest.raises(InputError, match=told):
        Store(url_of_file(tmp_path / "a.db"))


@pytest.mark.parametrize("kilobytes", [4, 12, 40])
def test_a_disk_that_is_full_before_the_first_table_is_told_as_full(kilobytes: int, tmp_path: Path):
    told = pytest.raises(InputError, match=r"a\.db: the database's disk is full .*make room and repeat")
    with disk_of(tmp_path / "disk", f"{kilobytes}k") as disk, told:
        Store(url_of_file(disk / "a.db"))


def read_all(path: Path) -> None:
    with closing(Store(url_of_file(path))) as store:
        for number in range(300):
            store.find_trial(f"t{number}")


def test_a_store_waits_for_a_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with closing(Store(url_of_file(tmp_path / "a.db"))) as store:
        failures = ["database is locked"] * 2
        connect = store.engine.connect

        class Flaky:
            """Fails twice, then answers."""

            def __getattr__(self, name: str) -> object:
                return getattr(engine, name)

            def connect(self, *values: object, **options: object) -> object:
                if failures:
                    raise error_of(failures.pop())
                return connect(*values, **options)

        engine = store.engine
        run = store.open_run("a", {})
        monkeypatch.setattr(engine, "connect", Flaky().connect)
        store.set_seconds(run, 4.0)
        assert failures == []
        assert store.seconds(run) == 4.0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    with disk_of(tmp_path / "disk", "700k") as disk:
        yield disk


@contextmanager
def disk_of(folder: Path, size: str) -> Iterator[Path]:
    """A file system of that size; skips where none can be mounted."""
    folder.mkdir()
    mount = shutil.which("mount")
    made = mount and subprocess.run([mount, "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], capture_output=True)
    if not made or made.returncode:
        pytest.skip("no file system can be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_is_told_and_what_was_kept_is_still_there(small_disk: Path, tmp_path: Path):
    with closing(Store(url_of_file(small_disk / "a.db"))) as store:
        with pytest.raises(InputError, match=r"a\.db: the database's disk is full .*make room and repeat"):
            record_many(store)
        kept = store.count_trials()
        assert kept > 3
    shutil.copytree(small_disk, tmp_path / "more room")
    with closing(Store(url_of_file(tmp_path / "more room" / "a.db"))) as store:
        assert [store.find_trial(f"t{number}") is not None for number in range(kept + 1)] == [True] * kept + [False]
        store.record_trial("another", stage="s", description="d", recipe={}, result={})
    with closing(sqlite3.connect(tmp_path / "more room" / "a.db")) as connection:
        assert connection.execute("pragma integrity_check").fetchone() == ("ok",)


def record_many(store: Store, most: int = 1000, letters: int = 20_000) -> None:
    """More than the disk holds, unless told otherwise."""
    for number in range(most):
        store.record_trial(f"t{number}", stage="s", description="d", recipe={}, result={"text": "x" * letters})
