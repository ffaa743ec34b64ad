"""Databases of other versions: older ones are brought up to date; newer and foreign ones are refused and left alone."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from assay.errors import InputError
from assay.store import schema
from assay.store.schema import VERSION, read_version
from assay.store.store import Store, url_of_file
from assay.store.tables import TrialRow

FIRST = """
create table assay_runs (id integer primary key, key varchar not null unique, request json not null,
    seconds float not null, status varchar not null, created datetime not null);
create table assay_trials (id integer primary key, key varchar not null unique, stage varchar not null,
    description varchar not null, recipe json not null, result json not null, finished datetime not null);
"""
"""Tables as version 1 made them."""


def write(path: Path, script: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(script)


def refused(path: Path, match: str) -> None:
    """Opening fails with these words, and the file is as before."""
    before = path.read_bytes()
    with pytest.raises(InputError, match=match):
        Store(url_of_file(path))
    assert path.read_bytes() == before


def test_a_new_database_has_this_version_and_is_opened_again(tmp_path: Path):
    for _ in range(2):
        with closing(Store(url_of_file(tmp_path / "a.db"))) as store:
            assert read_version(store.engine) == VERSION


def test_a_database_of_the_first_version_keeps_all_and_gains_what_is_new(tmp_path: Path):
    path, result = tmp_path / "old.db", {"seed": 4, "value": 0.5, "loss": {"float": "nan"}, "seconds": 2.0}
    write(path, FIRST)
    rows = [(f"recipe{number}-data-4-1-2.13-cpu", json.dumps(result)) for number in range(1201)]
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("insert into assay_runs values (1, 'run', '{\"a\": 1}', 3.5, 'done', '2026-01-01 00:00:00')")
        connection.executemany("insert into assay_trials (key, stage, description, recipe, result, finished) "
                               "values (?, 's', 'd', '{}', ?, '2026-01-01 00:00:00')", rows)  # fmt: skip
    for sitting in range(2):
        with closing(Store(url_of_file(path))) as store, Session(store.engine) as session:
            assert read_version(store.engine) == VERSION
            assert (store.find_request("run"), store.seconds(1), store.count_trials() - sitting) == (
                {"a": 1},
                3.5,
                1201,
            )
            for row in session.scalars(select(TrialRow).where(TrialRow.stage == "s", TrialRow.seed.is_not(None))):
                assert (row.data, row.seed, row.value, row.loss, row.seconds) == ("data", 4, 0.5, None, 2.0)
            found = store.find_trial(rows[0][0])
            assert found is not None
            assert (found["seed"], found["loss"] != found["loss"]) == (4, True)
            store.record_trial(f"new {sitting}", stage="s", description="d", recipe={}, result={"value": 1.0})


def test_a_database_of_the_third_version_gains_measurements(tmp_path: Path):
    path = tmp_path / "third.db"
    with closing(Store(url_of_file(path))) as store:
        store.record_trial("k", stage="s", description="d", recipe={}, result={"value": 1.0})
    write(path, "drop table assay_measurements; update assay_schema set version = 3;")
    with closing(Store(url_of_file(path))) as store:
        assert read_version(store.engine) == VERSION
        store.record_measurement("cost", {"value": 2})
        assert store.find_measurement("cost") == {"value": 2}
        assert store.find_trial("k") == {"value": 1.0}


def test_columns_that_a_killed_process_left_empty_are_filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "old.db"
    result = '{"seed": 4, "value": 0.5, "seconds": 2.0}'
    values = f"(1, 'recipe-data-4', 's', 'd', '{{}}', '{result}', '2026-01-01 00:00:00')"
    write(path, FIRST + f"insert into assay_trials values {values};")
    with monkeypatch.context() as patched:
        patched.setattr(schema, "fill_trials", _kill)
        with pytest.raises(KeyboardInterrupt):
            Store(url_of_file(path))
    with closing(Store(url_of_file(path))) as store, Session(store.engine) as session:
        row = session.scalars(select(TrialRow)).one()
        assert (row.data, row.seed, row.value, row.seconds) == ("data", 4, 0.5, 2.0)


def _kill(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_newer_version_is_refused_and_left_alone(tmp_path: Path):
    path = tmp_path / "newer.db"
    Store(url_of_file(path)).close()
    write(path, f"update assay_schema set version = {VERSION + 1}; pragma journal_mode = delete;")
    with pytest.raises(
        InputError, match=rf"tables of version {VERSION + 1}, and this Assay knows them up to {VERSION}"
    ):
        Store(url_of_file(path))
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("select version from assay_schema").fetchall() == [(VERSION + 1,)]


def test_another_programs_file_is_refused(tmp_path: Path):
    path = tmp_path / "other.db"
    write(path, "create table customers (id integer); create table orders (id integer);")
    with pytest.raises(InputError, match=r"another program's tables .customers, orders.; name another"):
        Store(url_of_file(path))
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("select name from sqlite_master").fetchall() == [("customers",), ("orders",)]


def test_optunas_tables_are_no_other_programs(tmp_path: Path):
    path = tmp_path / "searched.db"
    write(path, "create table alembic_version (version_num varchar); create table studies (study_id integer);")
    with closing(Store(url_of_file(path))) as store:
        assert read_version(store.engine) == VERSION


def test_mlflows_file_is_another_programs(tmp_path: Path):
    """It keeps the version of its tables as Optuna does."""
    path = tmp_path / "mlflow.db"
    write(path, "create table alembic_version (version_num varchar); create table experiments (id integer);")
    with pytest.raises(InputError, match=r"another program's tables .alembic_version, experiments.; name another"):
        Store(url_of_file(path))
    with closing(sqlite3.connect(path)) as connection:
        names = connection.execute("select name from sqlite_master order by name").fetchall()
    assert names == [("alembic_version",), ("experiments",)]


def test_tables_of_our_names_that_are_not_ours_are_refused(tmp_path: Path):
    path = tmp_path / "damaged.db"
    write(path, FIRST.replace("description varchar not null, ", ""))
    with pytest.raises(
        InputError, match=r"table assay_trials has no column description: it is not Assay's, or damaged"
    ):
        Store(url_of_file(path))
    with closing(sqlite3.connect(path)) as connection:
        names = {name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")}
    assert names == {"assay_runs", "assay_trials"}


def test_a_file_that_is_no_database_is_refused(tmp_path: Path):
    path = tmp_path / "text.db"
    path.write_text("not a database, but long enough to be read as one " * 100)
    refused(path, r"no database, or a damaged one .file is not a database.; name another file, or move it away")
