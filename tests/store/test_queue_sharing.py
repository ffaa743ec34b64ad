"""Many processes take jobs from one database at the same moment: each job is done by one of them, and kept once."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from child_processes import started, wait_for_end

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))

from postgresql import Cluster, find_programs, own_cluster

from assay.errors import InputError
from assay.store.database import Patience, open_engine
from assay.store.queue import Job, Queue
from assay.store.schema import VERSION, read_version
from assay.store.store import Store, url_of_file

JOBS = 60
WORKER = """
import json, os, sys, time
from assay.store.queue import Queue
from assay.store.store import Store

url, start = sys.argv[1], float(sys.argv[2])
time.sleep(max(0.0, start - time.time()))
store = Store(url)
queue, done = Queue(store), []
while (lease := queue.lease(f"worker {os.getpid()}")) is not None:
    assert queue.beat(lease)
    assert queue.finish(lease, description="d", recipe={}, result={"value": float(os.getpid())})
    done.append(lease.job.key)
print(json.dumps([os.getpid(), done]))
"""


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    if find_programs() is None:
        pytest.skip("PostgreSQL is not installed")
    with own_cluster() as cluster:
        yield cluster


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return url_of_file(tmp_path / "trials.db")
    return request.getfixturevalue("cluster").url


@pytest.mark.slow
def test_each_job_is_done_by_one_of_many_processes(url: str):
    jobs = [Job(f"r{number}-data-0", "data", "epochs = 1", 0, "cpu") for number in range(JOBS)]
    with closing(Store(url)) as store:
        Queue(store).ask(jobs, {"data": {}}, "me")
    command = [sys.executable, "-c", WORKER, url, str(time.time() + 3.0)]
    with ExitStack() as running:
        workers = [running.enter_context(started(command)) for _ in range(3)]
        outcomes = [wait_for_end(worker) for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0, 0], outcomes
    done = dict(json.loads(output) for output, _ in outcomes)
    assert sorted(key for keys in done.values() for key in keys) == sorted(job.key for job in jobs)
    with closing(Store(url)) as store:
        assert store.count_trials() == JOBS
        kept = store.find_trials([job.key for job in jobs])
        assert all(kept[key]["value"] == process for process, keys in done.items() for key in keys)
        assert Queue(store).standing([job.key for job in jobs]).done == JOBS


def test_postgresql_has_the_tables_keeps_what_is_no_number_and_tells_the_time(cluster: Cluster):
    with closing(Store(cluster.url)) as store:
        assert read_version(store.engine) == VERSION
        store.record_trial("diverged", stage="s", description="d", recipe={}, result={"loss": float("nan")})
        found = store.find_trial("diverged")
        assert found is not None
        assert found["loss"] != found["loss"]
        queue = Queue(store, lease_seconds=0.0)
        queue.ask([Job("late", "data", "epochs = 1", 0, "cpu")], {"data": {}}, "me")
        late = queue.lease("late", asker="me")
        assert late is not None
        other = Queue(store).lease("other", asker="me")
        assert other is not None
        assert not queue.beat(late)
        assert Queue(store).finish(other, description="d", recipe={}, result={})


def test_a_database_of_the_first_version_on_postgresql_is_brought_up_to_date(cluster: Cluster):
    with closing(Store(cluster.url)) as store, store.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("create database old")
    old = cluster.url.replace("/postgres?", "/old?")
    engine = open_engine(old)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "create table assay_trials (id serial primary key, key varchar not null unique, stage varchar not null, "
            "description varchar not null, recipe json not null, result json not null, finished timestamp not null)"
        )
        connection.exec_driver_sql(
            "insert into assay_trials (key, stage, description, recipe, result, finished) values "
            """('r-data-7', 's', 'd', '{}', '{"seed": 7, "value": 0.5, "loss": {"float": "inf"}}', now())"""
        )
    engine.dispose()
    for _ in range(2):
        with closing(Store(old)) as store, store.engine.connect() as connection:
            assert read_version(store.engine) == VERSION
            asked = "select key, data, seed, value, loss, seconds from assay_trials"
            assert connection.exec_driver_sql(asked).all() == [("r-data-7", "data", 7, 0.5, None, None)]
            assert store.find_trial("r-data-7") == {"seed": 7, "value": 0.5, "loss": float("inf")}


def test_a_server_that_stops_is_waited_for_and_one_that_stays_away_is_told(cluster: Cluster):
    with closing(Store(cluster.url, patience=Patience(1.0))) as store:
        assert store.find_trial("nothing") is None
        cluster.stop("immediate")
        try:
            with pytest.raises(InputError, match=r"the database does not answer .*; start it and repeat the command"):
                store.find_trial("nothing")
            with pytest.raises(
                InputError, match=r"cannot be opened .*; start it, or check host, port and name in its URL"
            ):
                Store(cluster.url)
        finally:
            cluster.start()
        assert store.find_trial("nothing") is None
    wrong = cluster.url.replace("assay@/postgres", "assay:secret@/nosuch")
    with pytest.raises(InputError, match=r'database "nosuch" does not exist') as told:
        Store(wrong)
    assert "secret" not in str(told.value)
