"""Trials listed newest or best first, of one source or one trick; without a trace, and refused in words."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assay.errors import InputError
from assay.store.listing import Wanted, best_trials, count_trials, newest_trials
from assay.store.store import Store, url_of_file

VALUES = (0.5, 0.9, float("nan"), 0.7)


@pytest.fixture
def url(tmp_path: Path) -> str:
    """Four trials, the third diverged; every other one of digits."""
    url = url_of_file(tmp_path / "trials.db")
    store = Store(url)
    for number, value in enumerate(VALUES):
        store.record_trial(
            f"recipe-data{number % 2}-{number}-1-2.13-cpu", stage="ablate", source=("digits", "cats")[number % 2],
            description=f"MLP() | Mixup(alpha=0.{number})", recipe={},
            result={"value": value, "seed": number, "loss": 1.0, "seconds": 2.5, "example_scores": "x" * 9000},
        )  # fmt: skip
    store.close()
    return url


def test_newest_first(url: str) -> None:
    found = newest_trials(url, 3)
    assert [trial.seed for trial in found] == [3, 2, 1]
    assert (found[0].source, found[0].data, found[0].value, found[0].seconds) == ("cats", "data1", 0.7, 2.5)
    assert found[1].value is None
    assert abs(datetime.now(UTC) - found[0].finished) < timedelta(minutes=1)
    assert count_trials(url) == 4


def test_best_first_and_what_diverged_is_not_among_them(url: str) -> None:
    assert [trial.value for trial in best_trials(url, 10)] == [0.9, 0.7, 0.5]
    assert [trial.value for trial in best_trials(url, 1)] == [0.9]


def test_of_one_source_or_fingerprint_or_trick(url: str) -> None:
    assert [trial.seed for trial in newest_trials(url, wanted=Wanted(source="digits"))] == [2, 0]
    assert [trial.seed for trial in newest_trials(url, wanted=Wanted(source="data1"))] == [3, 1]
    assert [trial.seed for trial in newest_trials(url, wanted=Wanted(source="dat"))] == [3, 2, 1, 0]
    assert newest_trials(url, wanted=Wanted(source="ata1")) == newest_trials(url, wanted=Wanted(source="")) == []
    assert newest_trials(url, wanted=Wanted(source="data_")) == newest_trials(url, wanted=Wanted(source="%")) == []
    assert [trial.seed for trial in newest_trials(url, wanted=Wanted(trick="mixup(alpha=0.2"))] == [2]
    assert newest_trials(url, wanted=Wanted(trick="%")) == []
    assert [trial.value for trial in best_trials(url, 5, Wanted("cats", "Mixup"))] == [0.9, 0.7]


def test_looking_leaves_no_trace(url: str, tmp_path: Path) -> None:
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    newest_trials(url)
    best_trials(url, 3)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_indexes_serve_both_orders(url: str, tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "trials.db")
    for order, index in (("finished desc, id desc", "by_finish"), ("value desc, id", "by_value")):
        plan = str(connection.execute(f"explain query plan select key from assay_trials order by {order}").fetchall())
        assert index in plan
    connection.close()


def test_older_trials_are_listed_after_the_database_was_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    connection = sqlite3.connect(path)
    connection.execute("create table assay_trials (id integer primary key, key varchar not null unique, stage varchar "
                       "not null, description varchar not null, recipe json not null, result json not null, finished "
                       "datetime not null)")  # fmt: skip
    values = (1, "r-f-3-1-2.13-cpu", "s", "MLP()", "{}", '{"value": 0.5, "seed": 3}', "2026-01-01 00:00:00.000000")
    connection.execute("insert into assay_trials values (?, ?, ?, ?, ?, ?, ?)", values)
    connection.commit()
    with pytest.raises(
        InputError, match=r"the trials are of an older version \(.*no such column.*\); the next run or "
    ):
        newest_trials(url_of_file(path))
    Store(url_of_file(path)).close()
    (trial,) = newest_trials(url_of_file(path))
    assert (trial.source, trial.data, trial.seed, trial.value) == (None, "f", 3, 0.5)
    names = {name for (name,) in connection.execute("select name from sqlite_master where type = 'index'")}
    connection.close()
    assert {"assay_trials_by_finish", "assay_trials_by_value", "assay_trials_by_source"} <= names


@pytest.mark.parametrize(("url", "message"), [
    ("sqlite:///nowhere.db", "nowhere.db: there is no such database; a run or a worker makes one"),
    ("no url", r"the database cannot be opened \(Could not parse its URL\); a usual URL is sqlite"),
    ("postgresql://h:secret/db", "the port in its URL is no number; in a password write @ as %40, : as %3A and / as"),
    ("postgresql+psycopg://user:secret@127.0.0.1:1/assay", r"the trials cannot be read \(.*refused.*\); check the "),
])  # fmt: skip
def test_a_database_that_is_not_there_is_refused_without_its_password(url: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as refusal:
        newest_trials(url)
    assert "secret" not in str(refusal.value)


def test_a_newer_version_is_refused(url: str, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "trials.db") as connection:
        connection.execute("update assay_schema set version = 99")
    connection.close()
    with pytest.raises(
        InputError, match=r"^the database has tables of version 99, and this Assay knows them up to \d; use a newer"
    ):
        newest_trials(url)


def test_the_database_of_another_program_is_not_to_be_removed(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "songs.db") as connection:
        connection.execute("create table songs (name text)")
    connection.close()
    with pytest.raises(InputError, match=r"^the database holds no trials of Assay; name another database$"):
        newest_trials(url_of_file(tmp_path / "songs.db"))
    (tmp_path / "notes.db").write_text("no database " * 999)
    with pytest.raises(InputError, match=r"notes\.db: file is not a database\); name another database"):
        newest_trials(url_of_file(tmp_path / "notes.db"))


def test_how_many_must_be_some(url: str) -> None:
    with pytest.raises(ValueError, match="count must be at least 1, got 0; 50 are usual"):
        newest_trials(url, 0)
