"""The queue: one worker at a time has a job, the dead lose theirs, and each job ends exactly once."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from assay.store import queue as queue_module
from assay.store.queue import MOST_ATTEMPTS, Job, Lease, Queue
from assay.store.store import Store, url_of_file
from assay.store.tables import JobRow

RESULT = {"seed": 0, "value": 0.5, "loss": float("nan"), "seconds": 1.0}
KEPT = {"description": "a net", "recipe": {"kind": "MLP"}, "result": RESULT}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(url_of_file(tmp_path / "trials.db"))
    yield store
    store.close()


@pytest.fixture
def hour(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The clock's hand."""
    hand = [1000.0]
    monkeypatch.setattr(queue_module, "clock", lambda session: hand[0])
    return hand


def job(number: int, **changes: object) -> Job:
    return Job(**{"key": f"r{number}-data-0", "data": "data", "recipe": "epochs = 1", "seed": 0, "device": "cpu",
                  **changes})  # fmt: skip


def asked(store: Store, jobs: list[Job], asker: str = "me") -> Queue:
    queue = Queue(store, lease_seconds=30.0)
    queue.ask(jobs, {"data": {"asked": {"source": "digits"}, "chosen": {}}}, asker)
    return queue


def leased(queue: Queue, owner: str, **options: object) -> Lease:
    lease = queue.lease(owner, **options)
    assert lease is not None
    return lease


def row_of(store: Store, key: str) -> JobRow:
    with Session(store.engine) as session:
        return session.scalars(select(JobRow).where(JobRow.key == key)).one()


def test_jobs_are_leased_in_order_each_to_one_worker(store: Store):
    queue = asked(store, [job(0), job(1)])
    first, second = leased(queue, "a"), leased(queue, "b")
    assert (first.job, second.job) == (job(0), job(1))
    assert queue.lease("c") is None
    assert queue.standing([job(0).key, job(1).key]).leased == 2
    assert queue.opening("data") == {"asked": {"source": "digits"}, "chosen": {}}


def test_a_result_and_its_jobs_end_are_one(store: Store):
    queue = asked(store, [job(0)])
    lease = leased(queue, "a")
    assert queue.finish(lease, **KEPT)
    found = store.find_trial(job(0).key)
    assert found is not None
    assert found["value"] == 0.5
    assert queue.standing([job(0).key]).done == 1
    assert queue.is_empty()
    # As after a connection that broke behind the commit.
    assert queue.finish(lease, **KEPT)
    assert store.count_trials() == 1


def test_a_silent_worker_loses_its_job_and_its_late_result(store: Store, hour: list[float]):
    queue = asked(store, [job(0)])
    late = leased(queue, "late")
    hour[0] += 29.0
    assert queue.lease("other") is None
    assert queue.beat(late)
    hour[0] += 29.0
    assert queue.lease("other") is None
    hour[0] += 2.0
    other = leased(queue, "other")
    assert other.number == late.number + 1
    assert not queue.beat(late)
    assert not queue.finish(late, **{**KEPT, "description": "late"})
    queue.give_back(late)
    queue.fail(late, "late", for_good=True)
    assert store.count_trials() == 0
    assert queue.finish(other, **KEPT)
    assert (store.count_trials(), row_of(store, job(0).key).state) == (1, "done")


def test_a_lease_that_ran_out_unnoticed_can_still_be_extended(store: Store, hour: list[float]):
    queue = asked(store, [job(0)])
    lease = leased(queue, "a")
    hour[0] += 60.0
    assert queue.beat(lease)
    assert queue.lease("other") is None


def test_a_worker_whose_connection_broke_is_given_its_job_again(store: Store):
    queue = asked(store, [job(0)])
    leased(queue, "a")
    assert leased(queue, "a").job == job(0)


def test_exceptions_are_counted_and_kills_are_not(store: Store, hour: list[float]):
    queue = asked(store, [job(0)])
    for _ in range(5):
        leased(queue, "killed")
        hour[0] += 31.0
    for left in reversed(range(MOST_ATTEMPTS)):
        queue.fail(leased(queue, "a"), "ValueError: no", for_good=False)
        assert row_of(store, job(0).key).state == ("queued" if left else "failed")
    assert queue.lease("a") is None
    assert queue.standing([job(0).key]).errors == {job(0).key: "ValueError: no"}
    assert queue.is_empty()


def test_what_is_wrong_for_good_fails_at_once_and_can_be_asked_again(store: Store):
    queue = asked(store, [job(0)])
    queue.fail(leased(queue, "a"), "wrong input", for_good=True)
    assert queue.standing([job(0).key]).errors == {job(0).key: "wrong input"}
    queue = asked(store, [job(0)])
    assert leased(queue, "a").job == job(0)
    assert row_of(store, job(0).key).attempts == 0


def test_a_job_that_kills_every_worker_ends(store: Store, hour: list[float], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(queue_module, "MOST_LEASES", 4)
    queue = asked(store, [job(0)])
    for _ in range(4):
        leased(queue, "killed")
        hour[0] += 31.0
    assert queue.lease("a") is None
    assert "begun 4 times, and its worker died" in queue.standing([job(0).key]).errors[job(0).key]


def test_asking_again_changes_nothing_of_what_is_under_way_or_done(store: Store):
    queue = asked(store, [job(0), job(1), job(2)])
    queue.finish(leased(queue, "a"), **KEPT)
    under_way = leased(queue, "a")
    asked(store, [job(0), job(1), job(2), job(3)])
    standing = queue.standing([job(number).key for number in range(4)])
    assert (standing.done, standing.leased, standing.queued) == (1, 1, 2)
    assert queue.finish(under_way, **KEPT)


def test_a_trial_that_was_taken_out_is_trained_again(store: Store):
    queue = asked(store, [job(0)])
    queue.finish(leased(queue, "a"), **KEPT)
    with store.engine.begin() as connection:
        connection.exec_driver_sql("delete from assay_trials")
    asked(store, [job(0)])
    assert leased(queue, "a").job == job(0)


def test_a_worker_can_serve_one_asker_one_device_and_leave_data_alone(store: Store):
    asked(store, [job(0)], "you")
    queue = asked(store, [job(1, device="cuda"), job(2, data="elsewhere")])
    assert queue.lease("a", asker="nobody") is None
    assert leased(queue, "a", asker="me").job.key == "r2-data-0"
    assert leased(queue, "b", asker="me", devices=("cpu", "cuda")).job.device == "cuda"
    assert leased(queue, "c", without=["elsewhere"]).job == job(0)


def test_jobs_of_an_asker_who_died_are_adopted(store: Store, hour: list[float]):
    queue, keys = asked(store, [job(0), job(1)], "dead"), [job(0).key, job(1).key]
    leased(queue, "worker of the dead", asker="dead")
    queue.adopt(keys, "me")
    assert leased(queue, "a", asker="me").job == job(1)
    assert row_of(store, job(0).key).asker == "dead"
    hour[0] += 31.0
    assert leased(queue, "b", asker="me").job == job(1)
    queue.adopt(keys, "me")
    assert leased(queue, "c", asker="me").job == job(0)


def test_a_worker_that_stops_gives_its_job_back(store: Store):
    queue = asked(store, [job(0)])
    queue.give_back(leased(queue, "a"))
    assert leased(queue, "b").job == job(0)
    assert row_of(store, job(0).key).attempts == 0


def test_more_jobs_than_one_statement_takes(store: Store):
    jobs = [job(number) for number in range(1203)]
    queue = asked(store, jobs)
    assert queue.standing([one.key for one in jobs]).queued == 1203
    assert len(store.find_trials([one.key for one in jobs])) == 0


def test_jobs_that_were_deleted_are_asked_for_again_and_what_is_trained_is_done(store: Store):
    queue = asked(store, [job(0), job(1)])
    queue.finish(leased(queue, "a"), **KEPT)
    keys = [job(0).key, job(1).key]
    assert queue.standing(keys).known == 2
    with store.engine.begin() as connection:
        connection.exec_driver_sql("delete from assay_jobs")
    assert queue.standing(keys).known == 0
    standing = asked(store, [job(0), job(1)]).standing(keys)
    assert (standing.done, standing.queued, standing.known) == (1, 1, 2)


def taken_by_another(store: Store) -> None:
    """Just before the next change of a job, its lease has run out and another worker has it."""

    before = [True]

    def take(connection: object, cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("UPDATE assay_jobs") and before:
            before.clear()
            with closing(sqlite3.connect(store.engine.url.database or "")) as other, other:
                other.execute(
                    "update assay_jobs set state = 'leased', lease = lease + 1, owner = 'other', expires = 1e12"
                )

    event.listen(store.engine, "before_cursor_execute", take)


def test_an_exception_that_comes_late_leaves_anothers_lease_alone(store: Store):
    queue = asked(store, [job(0)])
    late = leased(queue, "late")
    taken_by_another(store)
    queue.fail(late, "late", for_good=True)
    row = row_of(store, job(0).key)
    assert (row.state, row.owner, row.attempts, row.error) == ("leased", "other", 0, None)


def test_a_job_begun_too_often_is_not_ended_while_another_worker_has_it(store: Store, monkeypatch: pytest.MonkeyPatch):
    queue = asked(store, [job(0)])
    monkeypatch.setattr(queue_module, "MOST_LEASES", 0)
    taken_by_another(store)
    assert queue.lease("a") is None
    assert (row_of(store, job(0).key).state, row_of(store, job(0).key).owner) == ("leased", "other")


def test_polite_returns_are_no_deaths(store: Store, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(queue_module, "MOST_LEASES", 2)
    queue = asked(store, [job(0)])
    for _ in range(5):
        queue.give_back(leased(queue, "a"))
    assert row_of(store, job(0).key).begun == 0


def test_what_a_worker_may_not_take_is_not_waited_for_and_is_told(store: Store):
    asked(store, [job(0, device="cuda"), job(1, data="elsewhere")], "you")
    queue = asked(store, [job(2, data="elsewhere")])
    assert not queue.is_empty()
    assert not queue.is_empty(devices=("cpu",))
    assert queue.is_empty(devices=("cpu",), without=["elsewhere"])
    assert queue.is_empty(asker="nobody")
    assert queue.left() == [("cpu", "elsewhere", 2), ("cuda", "data", 1)]
    assert queue.left(asker="me") == [("cpu", "elsewhere", 1)]


def test_progress_changes_with_each_job_that_is_begun_or_done(store: Store):
    queue = asked(store, [job(0), job(1)])
    assert queue.progress("nobody") == queue.progress("me") == (0, 0)
    lease = leased(queue, "a")
    assert queue.progress("me") == (1, 0)
    queue.finish(lease, **KEPT)
    assert queue.progress("me") == (1, 1)
