"""`assay worker`, and studies that leave their trainings to workers."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from child_processes import started, wait_for_end
from cli_support import Assay

from assay.data.open import open_data
from assay.executors.opening import Opening
from assay.models.mlp import MLP
from assay.recipe import Recipe
from assay.recipe_toml import recipe_to_toml
from assay.store.queue import Job, Queue
from assay.store.schema import VERSION
from assay.store.store import Store, url_of_file

STUDY = ("ablate", "animals", "--tricks", "EMA", "--epochs", "1", "--seeds", "2", "--budget", "60s")


@pytest.fixture
def url(tmp_path: Path) -> str:
    return url_of_file(tmp_path / "trials.db")


def ask(url: str, *, epochs: float = 1.0, source: str = "digits") -> Job:
    """One training on the digits."""
    data = open_data("digits")
    opening = Opening({"source": source, "seed": 0}, data).of(data)
    assert opening is not None
    recipe = Recipe(MLP((8,)), epochs=epochs)
    job = Job(f"{recipe.key()}-{data.fingerprint}-0", data.fingerprint, recipe_to_toml(recipe), 0, "cpu", text="one")
    with closing(Store(url)) as store:
        Queue(store).ask([job], {data.fingerprint: opening}, "me")
    return job


def state_of(url: str, job: Job) -> tuple[int, int]:
    """(queued, done)"""
    with closing(Store(url)) as store:
        standing = Queue(store).standing([job.key])
    return standing.queued, standing.done


def test_a_worker_does_what_is_queued(assay: Assay, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    job, handler = ask(url), signal.getsignal(signal.SIGTERM)
    told = assay("worker", "--database", url, "--until-empty", "--threads", "1")
    assert told.code == 0
    assert told.lines == ["one: begins", "one: done", "1 training finished here"]
    assert state_of(url, job) == (0, 1)
    assert (tmp_path / "trials.db-checkpoints").is_dir()
    assert signal.getsignal(signal.SIGTERM) == handler
    monkeypatch.setenv("ASSAY_DATABASE", url)
    nothing = assay("worker", "--until-empty", "--wait-seconds", "0")
    assert nothing.lines == ["nothing is queued", "0 trainings finished here"]


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_a_worker_that_is_asked_to_stop_leaves_its_training_to_others(url: str, tmp_path: Path, number: int, code: int):
    job = ask(url, epochs=100_000.0)
    with started([sys.executable, "-m", "assay", "worker", "--database", url, "--checkpoint-seconds", "0"]) as worker:
        wait_for_checkpoint(tmp_path)
        os.kill(worker.pid, number)
        _, errors = wait_for_end(worker)
    assert worker.returncode == code, errors
    assert "one: left to others" in errors
    assert state_of(url, job) == (1, 0)


@pytest.mark.slow
def test_ctrl_c_stops_the_workers_of_a_study_which_save_what_they_train(url: str, tmp_path: Path) -> None:
    words = ("--epochs", "5000", "--seeds", "2", "--budget", "9h", "--workers", "1", "--database", url, "--out", "out")
    command = [sys.executable, "-m", "assay", "ablate", "digits", "--tricks", "EMA", *words]
    with started(command) as study:
        checkpoints = wait_for_checkpoint(tmp_path)
        os.kill(study.pid, signal.SIGINT)
        _, errors = wait_for_end(study)
    assert study.returncode == 130, errors
    assert checkpoints.exists()
    assert "left to others" in Path("out/work/worker-0.log").read_text()
    with closing(sqlite3.connect(tmp_path / "trials.db")) as connection:
        assert connection.execute("select distinct state, owner from assay_jobs").fetchall() == [("queued", None)]


def wait_for_checkpoint(folder: Path) -> Path:
    """The first that is written."""
    until = time.monotonic() + 200.0
    while time.monotonic() < until:
        for found in folder.glob("trials.db-checkpoints/[!.]*.checkpoint"):
            return found
        time.sleep(0.05)
    pytest.fail("no checkpoint was written")


def test_a_worker_without_a_database_to_share_is_told(assay: Assay) -> None:
    told = assay("worker", "--until-empty")
    assert (told.code, told.lines) == (
        2, ["assay: ASSAY_DATABASE is none: there is no database to share; name one by --database"])  # fmt: skip


def test_a_worker_refuses_a_database_of_a_newer_version(assay: Assay, url: str, tmp_path: Path) -> None:
    Store(url).close()
    with closing(sqlite3.connect(tmp_path / "trials.db")) as connection, connection:
        connection.execute("update assay_schema set version = 99")
    told = assay("worker", "--database", url, "--until-empty")
    assert told.code == 2
    assert f"tables of version 99, and this Assay knows them up to {VERSION}" in told.err


@pytest.mark.parametrize("command", [("worker", "--until-empty"), STUDY])
def test_a_database_that_is_none_is_told_in_one_line(assay: Assay, command: tuple[str, ...], animals: object) -> None:
    told = assay(*command, "--database", "nonsense")
    assert told.code == 2
    assert told.lines[-1].startswith("assay: the database cannot be opened (Could not parse")


@pytest.mark.usefixtures("animals")
def test_a_study_is_found_again_in_another_folder_and_trained_again_where_that_is_switched_off(
    assay: Assay, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert assay(*STUDY, "--out", "one", "--database", url).code == 0
    with closing(sqlite3.connect(tmp_path / "trials.db")) as connection:
        kept = connection.execute("select key, result from assay_trials order by id").fetchall()
    assert len(kept) == 4

    def refuse(*values: object, **options: object) -> None:
        raise AssertionError("nothing is left to train")

    with monkeypatch.context() as patched:
        patched.setattr("assay.stages.session.begin_part", refuse)
        assert assay(*STUDY, "--out", "two", "--database", url).code == 0
        with pytest.raises(AssertionError, match="nothing is left"):
            assay(*STUDY, "--out", "three")
    rows = [json.loads(Path(name, "summary.json").read_text())["tricks"] for name in ("one", "two")]
    for name in ("trick", "effect", "interval", "n", "verdict"):
        assert rows[0][0][name] == rows[1][0][name]


@pytest.mark.slow
@pytest.mark.usefixtures("animals")
def test_a_study_by_workers_gives_what_one_process_gives(assay: Assay, url: str, tmp_path: Path) -> None:
    told = assay(*STUDY, "--out", "many", "--database", url, "--workers", "2", "--json")
    assert told.code == 0, told.err
    assert assay(*STUDY, "--out", "one").code == 0
    results = []
    for path in (tmp_path / "trials.db", Path("one/assay.db")):
        with closing(sqlite3.connect(path)) as connection:
            rows = connection.execute("select key, result from assay_trials order by key").fetchall()
        results.append({key: {**json.loads(text), "seconds": 0.0} for key, text in rows})
    assert len(results[0]) == 4
    assert results[0] == results[1]


@pytest.mark.usefixtures("animals")
def test_a_wrong_number_of_workers_is_refused(assay: Assay) -> None:
    assert assay(*STUDY, "--workers", "1000").lines[-1].startswith("assay: --workers must be from 0 to 512, got 1000")
    assert assay(*STUDY, "--workers", "-1").code == 2
