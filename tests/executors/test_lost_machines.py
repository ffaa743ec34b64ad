"""A Ray cluster whose last machine is lost ends the command after a minute; Ray itself would wait for ever."""

from __future__ import annotations

import pytest
from pretended_ray import PretendedRay, make_crew

from assay.errors import InputError
from assay.executors import lost_machines
from assay.executors.lost_machines import GONE_SECONDS
from assay.store.store import Store


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Its only item is what the time is."""
    now = [1000.0]
    monkeypatch.setattr(lost_machines.time, "monotonic", lambda: now[0])
    return now


def lost() -> Exception:
    return PretendedRay.exceptions.RayActorError("the node died")


def test_no_machine_for_a_minute_after_an_actor_was_lost_is_the_end(
    trials: Store, monkeypatch: pytest.MonkeyPatch, clock: list[float]
) -> None:
    ray = PretendedRay([lost()])
    crew = make_crew(ray, trials, monkeypatch)
    crew.look()
    ray.cores = 0.0
    for _ in range(6):
        crew.look()
        clock[0] += GONE_SECONDS / 6
    clock[0] += 1
    with pytest.raises(InputError, match="no machine with room for a worker for 60 seconds; start one"):
        crew.look()


def test_a_machine_that_comes_back_in_time_is_waited_for(
    trials: Store, monkeypatch: pytest.MonkeyPatch, clock: list[float]
) -> None:
    ray = PretendedRay([lost()])
    crew = make_crew(ray, trials, monkeypatch)
    crew.look()
    for cores, seconds in ((0.0, 54.0), (4.0, 54.0), (0.0, 10.0)):
        ray.cores = cores
        crew.look()
        clock[0] += seconds
    with pytest.raises(InputError, match="start one"):  # a minute after it was there, not after the first loss
        crew.look()


def test_the_cluster_is_asked_only_for_a_while_after_a_loss(
    trials: Store, monkeypatch: pytest.MonkeyPatch, clock: list[float]
) -> None:
    """One that is gone as a whole would let the command wait, deaf to Ctrl-C, until Ray ends it."""
    ray = PretendedRay([lost()])
    crew = make_crew(ray, trials, monkeypatch)
    asked: list[float] = []
    monkeypatch.setattr(lost_machines, "room_for", lambda *_, **__: asked.append(clock[0]) or 4)
    crew.look()
    assert not asked
    for _ in range(40):
        crew.look()
        clock[0] += 3.0
    assert asked[0] == 1000.0
    assert GONE_SECONDS <= asked[-1] - asked[0] <= GONE_SECONDS + 10
