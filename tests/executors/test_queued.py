"""Worker processes give the trials that this process would have given, and a study does not notice the difference."""

import os
import signal
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest
import torch
from queued_support import PAIRS, RECIPE

from assay.data.data import Data
from assay.errors import InputError
from assay.executors import pool as pool_module
from assay.executors.choose import HERE, Workplace, executor_at
from assay.executors.executor import name_training
from assay.executors.opening import Opening
from assay.executors.pool import Ways
from assay.executors.queued import QueuedTrainings, tell_standing
from assay.executors.worker import work
from assay.stages.session import Progress
from assay.store.queue import Standing
from assay.training.live import LiveTail
from assay.trial import measure_on
from assay.tricks.batch.mixup import Mixup


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


def test_progress_is_told_in_words():
    assert tell_standing(Standing(5, 2, 5), 12, 50.0) == (
        "5 of 12 trainings done, 2 under way, 5 queued, about 70s left")  # fmt: skip
    assert tell_standing(Standing(12), 12, 3.0) == "0 of 12 trainings done, 12 queued"
    assert tell_standing(Standing(0, 0, 12), 12, 3.0) == "12 of 12 trainings done"


def test_without_workers_there_is_no_executor_and_odd_numbers_are_refused():
    with executor_at(HERE) as executor:
        assert executor is None
    with executor_at(Workplace(0)) as executor:
        assert isinstance(executor, QueuedTrainings)
    for number in (-1, 1000):
        with pytest.raises(InputError, match=rf"--workers must be from 0 to 512, got {number}"):
            Workplace(number)
