"""A worker does what is queued, as an in-process training would; what it leaves unfinished goes on from there."""

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import update

from assay.data.data import Data
from assay.errors import InputError
from assay.executors import worker as worker_module
from assay.executors.opening import Opening
from assay.executors.worker import Habits, work
from assay.models.mlp import MLP
from assay.optimizers import SGD
from assay.recipe import Recipe
from assay.recipe_toml import recipe_to_toml
from assay.store import database
from assay.store.database import AwayError
from assay.store.queue import Job, Queue
from assay.store.store import Store, url_of_file
from assay.store.tables import JobRow
from assay.training.train import Training
from assay.trial import Trial, measure_on
from assay.tricks.batch.mixup import Mixup
from assay.tricks.drop.dropout import Dropout

RECIPE = Recipe(MLP((8,)), optimizer=SGD(), batch_size=256, epochs=2) | Mixup(0.2) | Dropout(0.1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(url_of_file(tmp_path / "trials.db"))
    yield store
    store.close()


def ask(store: Store, data: Data, seeds: range, recipe: Recipe = RECIPE) -> list[Job]:
    opening = Opening({"source": "digits", "seed": 0}, data).of(data)
    assert opening is not None
    toml = recipe_to_toml(recipe)
    jobs = [Job(f"{recipe.key()}-{data.fingerprint}-{seed}", data.fingerprint, toml, seed, "cpu") for seed in seeds]
    Queue(store).ask(jobs, {data.fingerprint: opening}, "me")
    return jobs


def trial_in(store: Store, job: Job, recipe: Recipe = RECIPE) -> Trial:
    found = store.find_trial(job.key)
    assert found is not None
    return Trial.from_dict(recipe, found)


def assert_same(one: Trial, other: Trial) -> None:
    """But for the seconds."""
    assert (one.value, one.loss, one.n, one.steps) == (other.value, other.loss, other.n, other.steps)
    np.testing.assert_array_equal(one.example_scores, other.example_scores)
    assert one.answers is not None
    assert other.answers is not None
    np.testing.assert_array_equal(one.answers.losses, other.answers.losses)


def test_what_is_queued_is_trained_as_it_would_be_here(store: Store, digits: Data, tmp_path: Path):
    jobs = ask(store, digits, range(2))
    assert work(store.url, tmp_path / "checkpoints", habits=Habits(until_empty=True)) == 2
    for job in jobs:
        assert_same(trial_in(store, job), measure_on(digits)(RECIPE, job.seed))
    assert list((tmp_path / "checkpoints").iterdir()) == []


def test_a_worker_that_is_stopped_leaves_a_checkpoint_from_which_another_goes_on(
    store: Store, digits: Data, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (job,) = ask(store, digits, range(1))
    steps, iterate = [], Training.__iter__

    def counted(self: Training):
        for step in iterate(self):
            steps.append(step.number)
            yield step

    monkeypatch.setattr(Training, "__iter__", counted)
    assert work(store.url, tmp_path, stop=lambda: len(steps) >= 3) == 0
    assert (tmp_path / f"{job.key}.checkpoint").exists()
    assert work(store.url, tmp_path, habits=Habits(until_empty=True)) == 1
    assert steps == list(range(steps[-1] + 1))
    monkeypatch.undo()
    assert_same(trial_in(store, job), measure_on(digits)(RECIPE, 0))


def test_a_training_that_raises_is_tried_again_and_then_has_failed(
    store: Store, digits: Data, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (job,) = ask(store, digits, range(1))
    tried = []

    def broken(*values: object, **options: object) -> None:
        tried.append(1)
        raise ZeroDivisionError("planted")

    monkeypatch.setattr(worker_module, "train_job", broken)
    assert work(store.url, tmp_path, habits=Habits(until_empty=True)) == 0
    assert len(tried) == 3
    assert (
        Queue(store).standing([job.key]).errors[job.key].startswith("ZeroDivisionError: planted (test_worker.py, line")
    )


def test_data_that_cannot_be_opened_here_is_left_to_others(store: Store, digits: Data, tmp_path: Path):
    jobs = ask(store, digits, range(1))
    opening = {"asked": {"source": str(tmp_path / "nowhere"), "seed": 0}, "chosen": {}}
    Queue(store).ask(jobs, {digits.fingerprint: opening}, "me")
    said: list[str] = []
    started = time.monotonic()
    assert work(store.url, tmp_path, stop=lambda: time.monotonic() - started > 1.0, say=said.append) == 0
    assert any("cannot be opened here" in line and "no such file or folder" in line for line in said)
    assert Queue(store).standing([jobs[0].key]).queued == 1
    # The asker's own workers say it to the asker.
    assert work(store.url, tmp_path, habits=Habits(asker="me", until_empty=True)) == 0
    assert "no such file or folder" in Queue(store).standing([jobs[0].key]).errors[jobs[0].key]


def test_what_may_not_be_trained_here_ends_no_worker_and_is_told(store: Store, digits: Data, tmp_path: Path):
    (done,) = ask(store, digits, range(1))
    others = [Job("r-x-0", "x", "", 0, "cpu"), Job("r-x-1", "x", "", 1, "cpu"), Job("r-y-0", "y", "", 0, "tpu")]
    nowhere = {"asked": {"source": str(tmp_path / "nowhere"), "seed": 0}, "chosen": {}}
    Queue(store).ask(others, {"x": nowhere}, "dead")
    said: list[str] = []
    started = time.monotonic()
    late = lambda: time.monotonic() - started > 60.0  # noqa: E731
    assert work(store.url, tmp_path, stop=late, habits=Habits(until_empty=True), say=said.append) == 1
    assert not late()
    assert said[-2:] == ["2 trainings are left to others: data x cannot be opened here",
                         "1 training is left to others: there is no tpu here"]  # fmt: skip
    assert Queue(store).standing([done.key, "r-x-0", "r-x-1", "r-y-0"]).queued == 3
    # Whoever serves one asker waits for nobody else's.
    assert work(store.url, tmp_path, stop=late, habits=Habits(asker="me", until_empty=True)) == 0
    assert not late()


def test_a_database_that_does_not_answer_fails_no_job(
    store: Store, digits: Data, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (job,) = ask(store, digits, range(1))

    def away(*_: object) -> None:
        raise InputError("the database does not answer (gone); start it and repeat the command")

    with monkeypatch.context() as patched:
        patched.setattr(Queue, "opening", away)
        with pytest.raises(InputError, match=r"the database does not answer \(gone\)"):
            work(store.url, tmp_path, habits=Habits(asker="me", until_empty=True))
    standing = Queue(store).standing([job.key])
    assert (standing.leased, standing.errors) == (1, {})


def test_a_worker_without_its_database_says_so_and_ends_when_it_is_asked_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """It waited ten minutes in silence, and heard no signal."""
    monkeypatch.setattr(database, "HASTE_SECONDS", 0.0)
    told = list[str]()
    url = "postgresql+psycopg://me:secret@127.0.0.1:1/assay"
    assert work(url, tmp_path / "c", stop=lambda: bool(told), say=told.append) == 0
    waits, stopped = told
    assert waits.startswith("cannot reach the database (")
    assert waits.endswith("; waits up to 10m for it")
    assert "refused" in waits
    assert stopped.startswith("stopped: the database cannot be opened (")
    assert "secret" not in "".join(told)


def test_a_worker_that_is_not_asked_to_stop_says_why_it_ends(tmp_path: Path):
    with pytest.raises(AwayError, match=r"the database cannot be opened .*refused.*; start it, or check host"):
        work("postgresql+psycopg://me@127.0.0.1:1/assay", tmp_path / "c", habits=Habits(patience_seconds=0.0))


def test_data_that_nobody_says_how_to_open_is_named(store: Store, digits: Data, tmp_path: Path):
    (job,) = ask(store, digits, range(1))
    with store.engine.begin() as connection:
        connection.exec_driver_sql("delete from assay_data")
    assert work(store.url, tmp_path, habits=Habits(until_empty=True)) == 0
    assert Queue(store).standing([job.key]).errors[job.key] == (
        f"the database does not say how data {digits.fingerprint} is opened: its row is gone")  # fmt: skip


def test_data_that_changed_meanwhile_is_refused(store: Store, digits: Data, tmp_path: Path):
    (job,) = ask(store, digits, range(1))
    Queue(store).ask([job], {digits.fingerprint: {"asked": {"source": "digits", "seed": 7}, "chosen": {}}}, "me")
    work(store.url, tmp_path, habits=Habits(asker="me", until_empty=True))
    assert "the data here is not what was asked for" in Queue(store).standing([job.key]).errors[job.key]


def test_a_worker_that_lost_its_lease_drops_its_result(
    store: Store, digits: Data, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (job,) = ask(store, digits, range(1))
    train_job = worker_module.train_job

    def slow(*values: object, **options: object) -> Trial | None:
        with store.engine.begin() as connection:
            connection.execute(update(JobRow).values(lease=99, owner="another", expires=time.time() + 1000))
        return train_job(*values, **options)

    monkeypatch.setattr(worker_module, "train_job", slow)
    said: list[str] = []
    stop = lambda: any("left to others" in line for line in said)  # noqa: E731
    assert work(store.url, tmp_path, stop=stop, say=said.append) == 0
    assert store.find_trial(job.key) is None


def test_part_of_the_data_is_opened_again_as_it_was(digits: Data):
    from dataclasses import replace

    import torch

    from assay.executors.opening import open_again

    part = replace(digits, train=digits.train.select(torch.tensor([5, 3, 9])))
    opening = Opening({"source": "digits", "seed": 0, "budget_seconds": 3.0, "target": None}, digits).of(part)
    assert opening is not None
    assert opening["asked"] == {"source": "digits", "seed": 0}
    assert open_again(opening, part.fingerprint).train.ids == part.train.ids
    changed = replace(digits, train=replace(digits.train, targets=digits.train.targets.flip(0)))
    assert Opening({"source": "digits"}, digits).of(changed) is None
    other = replace(digits, train=replace(digits.train, ids=tuple(f"other {id}" for id in digits.train.ids)))
    assert Opening({"source": "digits"}, digits).of(other) is None
