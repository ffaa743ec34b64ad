"""Actors on a local Ray cluster give the trials that this process would have given, also while they are killed."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pretended_ray import WAYS
from sqlalchemy import select
from sqlalchemy.orm import Session as Reading

from assay.budget import Budget
from assay.data.open import open_data
from assay.executors.opening import Opening
from assay.executors.queued import QueuedTrainings
from assay.executors.ray_crew import crew_on
from assay.models.mlp import MLP
from assay.optimizers import SGD
from assay.recipe import Recipe
from assay.stages.session import Session
from assay.store.store import Store, url_of_file
from assay.store.tables import JobRow, TrialRow
from assay.trial import Trial, in_turn, measure_on
from assay.tricks.average.ema import EMA
from assay.tricks.batch.mixup import Mixup

RECIPE = Recipe(MLP((64,)), optimizer=SGD(), batch_size=64, epochs=20)
PAIRS = [(recipe, seed) for recipe in (RECIPE, RECIPE | Mixup(0.2) | EMA(decay=0.99)) for seed in (500, 501, 502)]


def kill_now_and_then(executor: QueuedTrainings, trials: Store, ended: threading.Event, kills: list[str]) -> None:
    """As a cluster would lose machines: three actors, one at a time, each in the middle of a training."""
    while not ended.wait(0.5) and len(kills) < 3:
        crew: Any = executor.pool
        with Reading(trials.engine) as reading:
            owners = set(reading.scalars(select(JobRow.owner).where(JobRow.state == "leased")))
        for actor in [one for one in (crew.actors if crew else ()) if one.name in owners][:1]:
            crew.ray.kill(actor.handle)
            kills.append(actor.name)


def same(one: Trial, other: Trial) -> bool:
    numbers = [(trial.seed, trial.value, trial.loss, trial.n, trial.steps) for trial in (one, other)]
    return numbers[0] == numbers[1] and np.array_equal(one.example_scores, other.example_scores)


@pytest.mark.slow
@pytest.mark.cluster
def test_actors_that_are_killed_lose_no_trial_and_no_bit(
    tmp_path: Path, trials: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("ray")
    # Ray lets its workers go last, which on a busy machine is never.
    monkeypatch.setenv("RAY_worker_niceness", "0")
    data = open_data("digits")
    own, kills, ended = Store(url_of_file(tmp_path / "assay.db")), list[str](), threading.Event()
    with QueuedTrainings(2, WAYS, crew=crew_on(None)) as executor:
        session = Session(own, own.open_run("run", {}), tmp_path, Budget(1e6), lambda progress: None, device="cpu",
                          trials=trials, executor=executor,
                          opening=Opening({"source": "digits", "seed": 0}, data))  # fmt: skip
        killer = threading.Thread(target=kill_now_and_then, args=(executor, trials, ended, kills))
        killer.start()
        try:
            found = session.measure_all_on(data)(PAIRS)
        finally:
            ended.set()
            killer.join()
    own.close()
    calm = in_turn(measure_on(data))(PAIRS)
    assert [same(one, other) for one, other in zip(calm, found, strict=True)] == [True] * len(PAIRS)
    with Reading(trials.engine) as reading:
        assert len(reading.scalars(select(TrialRow.key)).all()) == len(PAIRS)
        assert {job.state for job in reading.scalars(select(JobRow))} == {"done"}
    assert len(kills) == 3, "the trainings were over before anything was killed"
