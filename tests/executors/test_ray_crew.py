"""Actors on a Ray cluster: those that die are placed anew, until that helps no more; how many, and with what."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

import pytest
from pretended_ray import WAYS, PretendedKind, PretendedRay, make_crew

from assay.errors import InputError
from assay.executors.ray_crew import crew_on
from assay.executors.ray_worker import RayWorker
from assay.store.queue import Job, Queue
from assay.store.store import Store


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


def test_gpus_are_asked_for_where_the_training_is_on_one_and_not_where_this_machine_has_some(
    trials: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    monkeypatch.setattr(PretendedRay, "remote", lambda self, **given: lambda kind: PretendedKind(self, given))
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


def test_the_actor_ends_when_it_is_told(tmp_path: Path, trials: Store) -> None:
    actor, before = RayWorker(1), time.monotonic()
    threading.Timer(0.3, actor.stop).start()
    assert actor.work(trials.url, str(tmp_path / "checkpoints"), "name", "me", 5.0, 1.0, None) == 0
    assert time.monotonic() - before < 30
