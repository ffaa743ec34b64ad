"""What of Ray is used, without Ray: actors that end as a test tells them to."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from assay.executors.pool import Ways
from assay.executors.ray_crew import RayCrew
from assay.store.queue import Queue
from assay.store.store import Store

WAYS = Ways(threads=1, lease_seconds=5.0, checkpoint_seconds=0.2)


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
    monkeypatch.setattr(PretendedRay, "remote", lambda self, **given: lambda kind: PretendedKind(self, given))
    monkeypatch.setitem(sys.modules, "ray", ray)
    return RayCrew(count, Queue(trials), WAYS, asker="me", curves=Path("curves.jsonl"), logs=Path("."), **options)


class PretendedKind:
    def __init__(self, ray: PretendedRay, options: dict[str, Any]) -> None:
        ray.options = options
        self.ray = ray

    def remote(self, threads: int) -> PretendedRay:
        return self.ray
