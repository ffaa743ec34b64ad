"""Rows of the queue or of the trials that somebody deletes while trainings are waited for."""

from dataclasses import dataclass

import numpy as np
import pytest
from queued_support import PAIRS, RECIPE

from assay.data.data import Data
from assay.data.open import open_data
from assay.errors import InputError
from assay.executors.queued import QueuedTrainings
from assay.recipe_toml import recipe_from_toml
from assay.store.queue import Queue
from assay.trial import Trial, measure_on, trial_key


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
