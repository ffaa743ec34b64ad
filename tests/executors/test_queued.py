"""Worker processes give the trials that this process would have given, and a study does not notice the difference."""

import os
import signal
import threading
import time
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import psutil
import pytest
import torch

from assay.budget import Budget
from assay.data.data import Data
from assay.data.open import open_data
from assay.errors import InputError
from assay.executors import pool as pool_module
from assay.executors.choose import HERE, Workplace, executor_at
from assay.executors.deaths import MOST_FAILURES
from assay.executors.executor import name_training
from assay.executors.opening import Opening
from assay.executors.pool import Pool, Ways, environment, name_end, threads_each
from assay.executors.queued import QueuedTrainings, tell_standing
from assay.executors.worker import work
from assay.models.mlp import MLP
from assay.optimizers import SGD
from assay.recipe import Recipe
from assay.recipe_toml import recipe_from_toml
from assay.stages.session import Progress, Session
from assay.store.queue import Queue, Standing
from assay.store.store import Store, url_of_file
from assay.training.live import LiveTail
from assay.trial import Trial, measure_on, trial_key
from assay.tricks.batch.mixup import Mixup
from assay.tricks.target.label_smoothing import LabelSmoothing

RECIPE = Recipe(MLP((32,)), optimizer=SGD(), batch_size=128, epochs=3)
PAIRS = [(recipe, seed) for recipe in (RECIPE, RECIPE | Mixup(0.2), RECIPE | LabelSmoothing()) for seed in (0, 1)]


@pytest.fixture(scope="module")
def digits() -> Data:
    return open_data("digits")


@pytest.fixture
def said() -> list[Progress]:
    return []


@pytest.fixture
def sessions(tmp_path: Path, digits: Data, said: list[Progress]):
    """Opens a session with an executor on the handwritten digits."""
    stores: list[Store] = []

    def open_session(executor: QueuedTrainings | None, *, known: bool = True) -> Session:
        stores.extend(Store(url_of_file(tmp_path / name)) for name in ("assay.db", "trials.db"))
        opening = Opening({"source": "digits", "seed": 0}, digits) if known else None
        return Session(stores[-2], stores[-2].open_run("run", {}), tmp_path, Budget(100.0), said.append, device="cpu",
                       trials=stores[-1], executor=executor, opening=opening)  # fmt: skip

    yield open_session
    for store in stores:
        store.close()


@pytest.mark.slow
def test_workers_give_bit_for_bit_what_this_process_gives(sessions, digits: Data, said: list[Progress], tmp_path: Path):
    with QueuedTrainings(2, Ways(threads=1)) as executor:
        session = sessions(executor)
        trials = session.measure_all_on(digits)(PAIRS)
        assert executor.pool is not None
        first = [hand.process.pid for hand in executor.pool.hands]
        # Part of the data, on workers that are there already; and what is finished is found again.
        part = replace(digits, train=digits.train.select(torch.arange(0, 500)))
        (small,) = session.measure_all_on(part)(PAIRS[:1])
        assert [trial.loss for trial in session.measure_all_on(digits)(PAIRS[::-1])] == [
            one.loss for one in trials[::-1]
        ]
        assert [hand.process.pid for hand in executor.pool.hands] == first
    assert not any(psutil.pid_exists(pid) for pid in first)
    assert small.loss == measure_on(part)(*PAIRS[0]).loss
    for (recipe, seed), trial in zip(PAIRS, trials, strict=True):
        here = measure_on(digits)(recipe, seed)
        assert (trial.recipe, trial.seed, trial.value, trial.loss, trial.steps) == (
            recipe, seed, here.value, here.loss, here.steps)  # fmt: skip
        assert trial.answers is not None
        assert here.answers is not None
        np.testing.assert_array_equal(trial.answers.losses, here.answers.losses)
    assert any("of 6 trainings done" in one.text and "queued" in one.text for one in said)
    tail = LiveTail(tmp_path / "curves.jsonl")
    tail.read()
    curves = [curve for curve in tail.curves.values() if curve.done]
    assert len(curves) == 7
    assert {curve.text for curve in curves} >= {"baseline, seed 0", name_training(RECIPE | Mixup(0.2), 1)}


@pytest.mark.slow
def test_a_worker_that_is_killed_is_started_again_and_its_training_is_not_waited_for(sessions, digits: Data):
    kills = []

    def kill_one(executor: QueuedTrainings) -> None:
        until = time.monotonic() + 60.0
        queue = None
        while not kills and time.monotonic() < until:
            if executor.pool is not None:
                queue = executor.pool.queue
                for hand in executor.pool.hands:
                    with queue.store.engine.connect() as connection:
                        asked = "select count(*) from assay_jobs where state = 'leased' and owner = ?"
                        if connection.exec_driver_sql(asked, (hand.name,)).scalar():
                            os.kill(hand.process.pid, signal.SIGKILL)
                            kills.append(hand.name)
                            break
            time.sleep(0.05)

    # A lease that nobody could wait for; and sums of several threads are rounded in another order than those of one.
    with QueuedTrainings(1, Ways(threads=1, lease_seconds=10_000.0)) as executor:
        killer = threading.Thread(target=kill_one, args=(executor,))
        killer.start()
        trials = sessions(executor).measure_all_on(digits)(PAIRS[:3])
        killer.join()
    assert len(kills) == 1
    assert [trial.loss for trial in trials] == [measure_on(digits)(*pair).loss for pair in PAIRS[:3]]


def test_all_can_be_left_to_workers_that_were_started_elsewhere(sessions, digits: Data, tmp_path: Path):
    ended = threading.Event()
    options = {"checkpoints": tmp_path / "checkpoints", "stop": ended.is_set}
    with QueuedTrainings(0) as executor:
        session = sessions(executor)
        elsewhere = threading.Thread(target=work, args=(session.trials.url,), kwargs=options)
        elsewhere.start()
        trials = session.measure_all_on(digits)(PAIRS[:2])
        ended.set()
        elsewhere.join()
    assert [trial.loss for trial in trials] == [measure_on(digits)(*pair).loss for pair in PAIRS[:2]]
    assert not list(tmp_path.rglob("worker-*.log"))


def test_data_that_only_this_process_has_is_trained_here_and_that_is_said(
    sessions, digits: Data, said: list[Progress], capsys: pytest.CaptureFixture[str]
):
    with QueuedTrainings(2) as executor:
        session = sessions(executor, known=False)
        trials = session.measure_all_on(digits)(PAIRS[:1])
        session.measure_all_on(digits)([(RECIPE, 7)])
        assert executor.pool is None
    assert trials[0].loss == measure_on(digits)(*PAIRS[0]).loss
    reason = "other processes cannot open this data: it was made or changed in this one, or cannot say what it holds"
    assert capsys.readouterr().err == f"assay: 1 training is done here, one after the other, by no worker: {reason}\n"
    assert [one.text for one in said].count(f"1 training is done here, one after the other: {reason}") == 2


def test_data_that_cannot_say_what_it_holds_is_trained_here_and_that_is_said(
    sessions, digits: Data, capsys: pytest.CaptureFixture[str]
):
    with QueuedTrainings(2) as executor:
        session = sessions(executor)
        session.trials_of = lambda data: session.store
        session.measure_all_on(digits)(PAIRS[:1])
        assert (executor.pool, session.trials.count_trials(), session.store.count_trials()) == (None, 0, 1)
    assert "1 training is done here, one after the other, by no worker" in capsys.readouterr().err


@dataclass
class Eraser:
    """A crew that deletes the queue at its first look, and then does what is asked."""

    queue: Queue
    gpu: bool
    looks: int = 0

    def look(self) -> None:
        self.looks += 1
        if self.looks == 1:
            with self.queue.store.engine.begin() as connection:
                connection.exec_driver_sql("delete from assay_jobs")
                connection.exec_driver_sql("delete from assay_data")
        elif (lease := self.queue.lease("eraser")) is not None:
            assert self.queue.opening(lease.job.data) is not None
            trial = measure_on(open_data("digits"))(recipe_from_toml(lease.job.recipe, where="job"), lease.job.seed)
            assert self.queue.finish(lease, description="", recipe={}, result=trial.to_dict())

    def stop(self) -> None:
        pass


def test_trainings_whose_rows_were_deleted_are_asked_for_again(sessions, digits: Data):
    make = lambda count, queue, ways, *, gpu, **_: Eraser(queue, gpu)  # noqa: E731
    with QueuedTrainings(1, crew=make) as executor:
        trials = sessions(executor).measure_all_on(digits)(PAIRS[:2])
        assert executor.pool is not None
        assert not executor.pool.gpu
    assert [trial.loss for trial in trials] == [measure_on(digits)(*pair).loss for pair in PAIRS[:2]]


@dataclass
class Forgetter:
    """A crew whose trials are deleted as soon as they are recorded, the first `times` of them."""

    queue: Queue
    times: int
    trained: int = 0

    def look(self) -> None:
        if (lease := self.queue.lease("forgetter")) is None:
            return
        self.trained += 1
        assert self.trained <= 2, "trained again and again"
        scores = np.ones(10)
        result = Trial(RECIPE, lease.job.seed, 1.0, 0.0, 10, 1, 1.0, scores).to_dict()
        assert self.queue.finish(lease, description="", recipe={}, result=result)
        if self.trained <= self.times:
            with self.queue.store.engine.begin() as connection:
                connection.exec_driver_sql("delete from assay_trials")

    def stop(self) -> None:
        pass


def test_a_trial_that_is_deleted_once_is_trained_once_more(sessions, digits: Data):
    with QueuedTrainings(1, crew=lambda count, queue, ways, **_: Forgetter(queue, 1)) as executor:
        (trial,) = sessions(executor).measure_all_on(digits)(PAIRS[:1])
    assert trial.value == 1.0


def test_trials_that_cannot_be_read_back_are_not_trained_without_end(sessions, digits: Data):
    with QueuedTrainings(1, crew=lambda count, queue, ways, **_: Forgetter(queue, 100)) as executor:
        session = sessions(executor)
        key = trial_key(PAIRS[0][0], digits, PAIRS[0][1], session.device)
        told = (
            rf"trials\.db: 1 of 1 trials cannot be read back, trained 2 times, the first with key {key}; .*--database"
        )
        with pytest.raises(InputError, match=told):
            session.measure_all_on(digits)(PAIRS[:1])


@pytest.mark.slow
def test_a_failed_training_is_told_with_its_reason(sessions, digits: Data, tmp_path: Path):
    source = tmp_path / "nowhere"
    with QueuedTrainings(1) as executor:
        session = sessions(executor)
        session.opening = Opening({"source": str(source), "seed": 0}, digits)
        with pytest.raises(
            InputError, match=rf"the training baseline, seed 0 failed: {source}: no such file or folder; .*; repeat"
        ):
            session.measure_all_on(digits)(PAIRS[:1])


@pytest.mark.slow
def test_workers_that_cannot_start_are_told_with_their_words(sessions, digits: Data, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pool_module, "environment", lambda *_, **__: os.environ | {"ASSAY_DATABASE": "none"})
    with (
        QueuedTrainings(1) as executor,
        pytest.raises(InputError, match=r"end at once, with code 2: ASSAY_DATABASE is.*; see .*worker-0.log"),
    ):
        sessions(executor).measure_all_on(digits)(PAIRS[:1])


def test_workers_that_are_killed_before_they_train_are_told_with_the_signal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """As by an instruction that this processor does not have."""
    monkeypatch.setattr(pool_module.sys, "executable", str(broken_program(tmp_path)))
    with closing(Store(url_of_file(tmp_path / "trials.db"))) as store:
        pool = Pool(1, Queue(store), Ways(threads=1), asker="me", curves=tmp_path / "curves.jsonl", logs=tmp_path)
        for _ in range(MOST_FAILURES):
            pool.look()
            pool.hands[0].process.wait(20)
        with pytest.raises(InputError, match=r"end at once, by SIGILL: begins; see .*worker-0.log"):
            pool.look()
        pool.stop()


def broken_program(folder: Path) -> Path:
    """Says one word and dies of a signal."""
    program = folder / "broken"
    program.write_text("#!/bin/sh\necho begins\nkill -ILL $$\n")
    program.chmod(0o755)
    return program


@pytest.mark.parametrize(("code", "told"), [(2, "with code 2"), (-11, "by SIGSEGV"), (-99, "by signal 99")])
def test_ends_in_words(code: int, told: str):
    assert name_end(code) == told


def test_progress_is_told_in_words():
    assert tell_standing(Standing(5, 2, 5), 12, 50.0) == (
        "5 of 12 trainings done, 2 under way, 5 queued, about 70s left")  # fmt: skip
    assert tell_standing(Standing(12), 12, 3.0) == "0 of 12 trainings done, 12 queued"
    assert tell_standing(Standing(0, 0, 12), 12, 3.0) == "12 of 12 trainings done"


def test_gpus_are_shared_out(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    assert [environment(number, 3, "url", gpu=True)["CUDA_VISIBLE_DEVICES"] for number in range(3)] == ["0", "1", "0"]
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "4,7")
    assert [environment(number, 3, "url", gpu=True)["CUDA_VISIBLE_DEVICES"] for number in range(3)] == ["4", "7", "4"]
    alone = environment(0, 3, "url", gpu=False)
    assert (alone["ASSAY_DATABASE"], alone["CUDA_VISIBLE_DEVICES"]) == ("url", "4,7")


def test_cores_are_shared_out(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)))
    assert [threads_each(count) for count in (0, 1, 3, 20)] == [8, 8, 2, 1]
    assert environment(0, 3, "url", gpu=False)["OMP_NUM_THREADS"] == "3"


def test_without_workers_there_is_no_executor_and_odd_numbers_are_refused():
    with executor_at(HERE) as executor:
        assert executor is None
    with executor_at(Workplace(0)) as executor:
        assert isinstance(executor, QueuedTrainings)
    for number in (-1, 1000):
        with pytest.raises(InputError, match=rf"--workers must be from 0 to 512, got {number}"):
            Workplace(number)
