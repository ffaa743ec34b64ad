"""The Ray cluster that is asked for: found, started, or refused in words where it serves nothing."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from pretended_ray import WAYS, PretendedRay, make_crew

from assay.errors import InputError
from assay.executors.choose import Workplace, executor_at
from assay.executors.ray_cluster import read_place
from assay.executors.ray_crew import RayCrew, require_reachable
from assay.store.queue import Queue
from assay.store.store import Store


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


def test_a_file_serves_no_cluster_of_several_machines() -> None:
    require_reachable("sqlite:///trials.db", False)
    require_reachable("postgresql+psycopg://host/assay", True)
    with pytest.raises(InputError, match=r"the trials' database is a file of this machine, which the cluster's others "
                                         r"cannot use; name one that all reach: --database postgresql"):  # fmt: skip
        require_reachable("sqlite:///trials.db", True)


def fail_with(error: Exception) -> None:
    raise error


def test_places() -> None:
    assert read_place("ray") is None
    assert read_place("ray://head:10001") == "ray://head:10001"
    for text in ("slurm", "ray://", "Ray"):
        with pytest.raises(InputError, match=f"--on '{text}' is no place to train; write --on ray, or --on ray://host"):
            read_place(text)
    with pytest.raises(InputError, match="--on 'k8s' is no place to train"), executor_at(Workplace(on="k8s")):
        pass


def test_without_ray_it_is_named(trials: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(InputError, match=r"--on ray needs the package ray; pip install \"assay-train\[ray\]\""):
        RayCrew(1, Queue(trials), WAYS, asker="me", curves=Path("c"), logs=Path("."))


def test_a_cluster_that_does_not_answer_is_said(trials: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    ray = PretendedRay([])
    monkeypatch.setattr(PretendedRay, "is_initialized", lambda self: False)
    monkeypatch.setattr(
        PretendedRay, "init", lambda self, *_, **__: fail_with(ConnectionError("no one there")), raising=False
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
