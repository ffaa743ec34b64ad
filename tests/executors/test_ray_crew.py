"""Actors on a local Ray cluster give the trials that this process would have given, also while they are killed."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session as Reading

from assay.budget import Budget
from assay.data.open import open_data
from assay.errors import InputError
from assay.executors.choose import executor_for
from assay.executors.opening import Opening
from assay.executors.pool import Ways
from assay.executors.queued import QueuedTrainings
from assay.executors.ray_cluster import read_place
from assay.executors.ray_crew import RayCrew, crew_on, require_reachable
from assay.executors.ray_worker import RayWorker
from assay.models.mlp import MLP
from assay.optimizers import SGD
from assay.recipe import Recipe
from assay.session import Session
from assay.store.queue import Job, Queue
from assay.store.store import Store, url_of_file
from assay.store.tables import JobRow, TrialRow
from assay.trial import Trial, in_turn, measure_on
from assay.tricks.average.ema import EMA
from assay.tricks.batch.mixup import Mixup

RECIPE = Recipe(MLP((64,)), optimizer=SGD(), batch_size=64, epochs=20)
PAIRS = [(recipe, seed) for recipe in (RECIPE, RECIPE | Mixup(0.2) | EMA(decay=0.99)) for seed in (500, 501, 502)]
WAYS = Ways(threads=1, lease_seconds=5.0, checkpoint_seconds=0.2)


@pytest.fixture
def trials(tmp_path: Path) -> Iterator[Store]:
    store = Store(url_of_file(tmp_path / "trials.db"))
    yield store
    store.close()


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


class PretendedRay:
    """What of Ray is used; its actors end at once, as they are told to."""

    class exceptions:
        class RayActorError(Exception):
            actor_init_failed = False

    def __init__(self, ends: list[Exception | None], cores: float = 4.0, gpus: float = 2.0) -> None:
        self.ends, self.cores, self.gpus, self.killed = ends, cores, gpus, 0

    def is_initialized(self) -> bool:
        return True

    def nodes(self) -> list[dict[str, Any]]:
        return [{"Alive": True, "Resources": self.cluster_resources()}, {"Alive": False, "Resources": {"CPU": 99.0}}]

    def cluster_resources(self) -> dict[str, float]:
        return {"CPU": self.cores, "GPU": self.gpus}

    def remote(self, **options: Any) -> Any:
        self.options = options
        return lambda kind: self

    # The actor's class, its handle and its methods are all this object.
    @property
    def work(self) -> Any:
        return PretendedCall(lambda: self.ends.pop(0) if self.ends else "alive")

    def wait(self, work: list[Any], **_: Any) -> tuple[list[Any], list[Any]]:
        return [one for one in work if one != "alive"], []

    def get(self, work: Any) -> None:
        raise work

    def kill(self, handle: Any) -> None:
        self.killed += 1


class PretendedCall:
    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def remote(self, *arguments: Any) -> Any:
        return self.answer()


def make_crew(
    ray: PretendedRay, trials: Store, monkeypatch: pytest.MonkeyPatch, count: int = 1, **options: Any
) -> RayCrew:
    monkeypatch.setattr(PretendedRay, "remote", lambda self, **given: lambda kind: _Kind(self, given))
    monkeypatch.setitem(sys.modules, "ray", ray)
    return RayCrew(count, Queue(trials), WAYS, asker="me", curves=Path("curves.jsonl"), logs=Path("."), **options)


class _Kind:
    def __init__(self, ray: PretendedRay, options: dict[str, Any]) -> None:
        ray.options = options
        self.ray = ray

    def remote(self, threads: int) -> PretendedRay:
        return self.ray


def test_an_actor_that_raises_thrice_is_the_end_and_kills_in_between_are_no_progress(
    trials: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    dead, wrong = PretendedRay.exceptions.RayActorError(), InputError("the disk is full")
    crew = make_crew(PretendedRay([wrong, dead, wrong, dead, wrong]), trials, monkeypatch)
    for _ in range(5):
        crew.look()
        assert len(crew.actors) == 1
    with pytest.raises(InputError, match="workers on the Ray cluster end at once: the disk is full"):
        crew.look()


def test_an_actor_that_cannot_be_made_is_its_own_fault(trials: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ray calls it dead, as if it had been killed; whatever else happens, it is made three times."""
    unmade = PretendedRay.exceptions.RayActorError("No module named 'assay'")
    unmade.actor_init_failed = True
    crew, queue = make_crew(PretendedRay([unmade] * 3), trials, monkeypatch), Queue(trials)
    queue.ask([Job(f"r{n}-d-0", "d", "", 0, "cpu") for n in range(3)], {"d": {}}, "me")
    for _ in range(3):
        crew.look()
        assert queue.lease(f"another's {_}", asker="me") is not None
    with pytest.raises(InputError, match="end at once: No module named 'assay'"):
        crew.look()


def test_kills_count_only_where_nothing_was_begun_in_between(trials: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    dead = PretendedRay.exceptions.RayActorError("out of memory")
    crew, queue = make_crew(PretendedRay([dead] * 9), trials, monkeypatch), Queue(trials)
    queue.ask([Job(f"r{n}-d-0", "d", "", 0, "cpu") for n in range(6)], {"d": {}}, "me")
    for number in range(6):
        crew.look()
        assert queue.lease(f"owner {number}", asker="me") is not None
    crew.look()
    crew.look()
    with pytest.raises(InputError, match="workers on the Ray cluster end at once: out of memory"):
        crew.look()


def test_all_actors_lost_at_once_are_placed_anew(trials: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    dead = PretendedRay.exceptions.RayActorError()
    crew = make_crew(PretendedRay([dead] * 4), trials, monkeypatch, count=4)
    for _ in range(3):
        crew.look()
        assert sorted(actor.place for actor in crew.actors) == [0, 1, 2, 3]


@pytest.mark.parametrize(("cores", "gpus", "count", "gpu", "told"), [
    (4, 0, 0, True, "4 cores and 0 GPUs, which is room for 0 workers of 1 core and a GPU, and 1 is needed; add machi"
                    "nes to it, or --device cpu"),
    (4, 2, 5, False, "4 cores and 2 GPUs, which is room for 4 workers of 1 core, and 5 are needed; ask for --worker"
                     "s 4"),
    (0, 0, 0, False, "0 cores and 0 GPUs, .* and 1 is needed; add machines to it$"),
])  # fmt: skip
def test_a_cluster_that_is_too_small_is_told_with_its_numbers(
    trials: Store, monkeypatch: pytest.MonkeyPatch, cores: float, gpus: float, count: int, gpu: bool, told: str
) -> None:
    with pytest.raises(InputError, match=f"the Ray cluster has {told}"):
        make_crew(PretendedRay([], cores, gpus), trials, monkeypatch, count=count, gpu=gpu)


def test_gpus_are_asked_for_where_the_training_is_on_one_and_not_where_this_machine_has_some(
    trials: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    monkeypatch.setattr(PretendedRay, "remote", lambda self, **given: lambda kind: _Kind(self, given))
    monkeypatch.setitem(sys.modules, "ray", PretendedRay([]))
    crew = crew_on(None)(1, Queue(trials), WAYS, asker="me", curves=Path("c"), logs=Path("."), gpu=False)
    crew.look()
    assert crew.ray.options["num_gpus"] == 0


def test_a_crew_without_a_number_is_as_large_as_the_cluster_has_room(
    trials: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    crew = make_crew(PretendedRay([], cores=5.0), trials, monkeypatch, count=0)
    crew.look()
    assert len(crew.actors) == 5
    assert crew.ray.options["num_cpus"] == 1
    assert crew.ray.options["runtime_env"]["env_vars"]["OMP_NUM_THREADS"] == "1"
    assert make_crew(PretendedRay([]), trials, monkeypatch, count=0, gpu=True).count == 2


def test_a_file_serves_no_cluster_of_several_machines() -> None:
    require_reachable("sqlite:///trials.db", False)
    require_reachable("postgresql+psycopg://host/assay", True)
    with pytest.raises(InputError, match=r"the trials' database is a file of this machine, which the cluster's others "
                                         r"cannot use; name one that all reach: --database postgresql"):  # fmt: skip
        require_reachable("sqlite:///trials.db", True)


def test_places() -> None:
    assert read_place("ray") is None
    assert read_place("ray://head:10001") == "ray://head:10001"
    for text in ("slurm", "ray://", "Ray"):
        with pytest.raises(InputError, match=f"--on '{text}' is no place to train; write --on ray, or --on ray://host"):
            read_place(text)
    with pytest.raises(InputError, match="--on 'k8s' is no place to train"), executor_for(None, "k8s"):
        pass


def test_without_ray_it_is_named(trials: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(InputError, match=r"--on ray needs the package ray; pip install \"assay-train\[ray\]\""):
        RayCrew(1, Queue(trials), WAYS, asker="me", curves=Path("c"), logs=Path("."))


def test_a_cluster_that_does_not_answer_is_said(trials: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    ray = PretendedRay([])
    monkeypatch.setattr(PretendedRay, "is_initialized", lambda self: False)
    monkeypatch.setattr(
        PretendedRay, "init", lambda self, *_, **__: _raise(ConnectionError("no one there")), raising=False
    )
    monkeypatch.setitem(sys.modules, "ray", ray)
    with pytest.raises(
        InputError, match=r"--on ray://x:1: the cluster does not answer \(no one there\); start it, set RAY"
    ):
        RayCrew(1, Queue(trials), WAYS, asker="me", curves=Path("c"), logs=Path("."), address="ray://x:1")


def test_a_cluster_that_is_there_is_not_told_what_it_has_settled(
    trials: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = list[set[str]]()

    def init(self: PretendedRay, **options: Any) -> None:
        given.append(set(options))
        if "object_store_memory" in options:
            raise ValueError("When connecting to an existing cluster, object_store_memory must not be provided.")

    monkeypatch.setattr(PretendedRay, "is_initialized", lambda self: False)
    monkeypatch.setattr(PretendedRay, "init", init, raising=False)
    assert make_crew(PretendedRay([]), trials, monkeypatch).connected
    assert given[1] == {"log_to_driver", "logging_level"}


def test_the_address_of_a_dead_cluster_is_passed_by_unless_it_was_given(
    trials: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = list[tuple[str, ...]]()

    def init(self: PretendedRay, *address: str, **_: Any) -> None:
        given.append(address)
        if not address:
            raise ConnectionError("nobody there")

    monkeypatch.setattr(PretendedRay, "is_initialized", lambda self: False)
    monkeypatch.setattr(PretendedRay, "init", init, raising=False)
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    make_crew(PretendedRay([]), trials, monkeypatch)
    assert given == [(), ("local",)]
    monkeypatch.setenv("RAY_ADDRESS", "10.0.0.1:6379")
    with pytest.raises(InputError, match=r"--on ray: the cluster does not answer \(nobody there\)"):
        make_crew(PretendedRay([]), trials, monkeypatch)


def _raise(error: Exception) -> None:
    raise error


def test_the_actor_ends_when_it_is_told(tmp_path: Path, trials: Store) -> None:
    actor, before = RayWorker(1), time.monotonic()
    threading.Timer(0.3, actor.stop).start()
    assert actor.work(trials.url, str(tmp_path / "checkpoints"), "name", "me", 5.0, 1.0, None) == 0
    assert time.monotonic() - before < 30
