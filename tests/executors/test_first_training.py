"""Before the first training a worker waits a while; a training whose trial was deleted is made again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from assay.budget import Budget
from assay.data.data import Data
from assay.executors.opening import Opening
from assay.executors.queued import QueuedTrainings
from assay.executors.worker import Habits, work
from assay.models.mlp import MLP
from assay.optimizers import SGD
from assay.recipe import Recipe
from assay.recipe_toml import recipe_to_toml
from assay.stages.session import Session
from assay.store.queue import Job, Queue
from assay.store.store import Store, url_of_file
from assay.trial import measure_on, trial_key

RECIPE = Recipe(MLP((16,)), optimizer=SGD(), batch_size=128, epochs=1)


def ask(trials: Store, digits: Data) -> None:
    key = trial_key(RECIPE, digits, 0, torch.device("cpu"))
    job = Job(key, digits.fingerprint, recipe_to_toml(RECIPE), 0, "cpu", text="one")
    asked = Opening({"source": "digits", "seed": 0}, digits).of(digits)
    assert asked is not None
    Queue(trials).ask([job], {digits.fingerprint: asked}, "me")


def test_the_first_training_is_waited_for(trials: Store, digits: Data, tmp_path: Path) -> None:
    said = list[str]()

    def say(text: str) -> None:
        said.append(text)
        if text.startswith("nothing is queued; waits"):
            ask(trials, digits)

    assert work(trials.url, tmp_path, habits=Habits(until_empty=True, wait_seconds=600.0), say=say) == 1
    assert said == ["nothing is queued; waits 10m for the first training", "one: begins", "one: done"]


def test_a_wait_for_nothing_ends_and_is_told(trials: Store, tmp_path: Path) -> None:
    said = list[str]()
    assert work(trials.url, tmp_path, habits=Habits(until_empty=True, wait_seconds=0.2), say=said.append) == 0
    assert said == ["nothing is queued; waits 1s for the first training", "nothing was queued in 1s"]


class Thief:
    """Works in this process, and deletes the first trial that is finished before the asker looks."""

    def __init__(self, queue: Queue, folder: Path) -> None:
        self.queue, self.folder, self.thefts = queue, folder, 0

    def look(self) -> None:
        work(self.queue.store.url, self.folder, habits=Habits(until_empty=True))
        if not self.thefts:
            self.thefts += 1
            with self.queue.store.engine.begin() as connection:
                connection.exec_driver_sql("delete from assay_trials")

    def stop(self) -> None:
        pass


def test_a_finished_trial_that_is_deleted_is_trained_again(trials: Store, digits: Data, tmp_path: Path) -> None:
    def hire(workers: int, queue: Queue, ways: object, **_: Any) -> Thief:
        return Thief(queue, tmp_path / "checkpoints")

    own, opening = Store(url_of_file(tmp_path / "assay.db")), Opening({"source": "digits", "seed": 0}, digits)
    with QueuedTrainings(1, crew=hire) as executor:
        session = Session(own, own.open_run("run", {}), tmp_path, Budget(100.0), lambda _: None, device="cpu",
                          trials=trials, executor=executor, opening=opening)  # fmt: skip
        (trial,) = session.measure_all_on(digits)([(RECIPE, 0)])
    own.close()
    assert trial.loss == measure_on(digits)(RECIPE, 0).loss
