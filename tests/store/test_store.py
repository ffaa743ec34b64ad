"""The store: whatever is written once is found ever after, by any process, after any kill."""

import json
import math
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from child_processes import LIMIT_SECONDS, started, wait_for_end
from sqlalchemy import make_url
from sqlalchemy.exc import IntegrityError

from assay.errors import InputError
from assay.store.store import Store, url_of_file
from assay.store.tables import TrialRow

TRIAL = {"stage": "ablate", "description": "one line", "recipe": {"kind": "MLP", "hidden": [8]}}


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'assay.db'}"


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    store = Store(url)
    yield store
    store.close()


def reopened(store: Store) -> Store:
    """As another sitting sees it."""
    store.close()
    return Store(store.url)


def test_a_run_is_opened_once(store: Store):
    first = store.open_run("/runs/a", {"source": "digits", "seed": 3})
    assert store.open_run("/runs/a", {"source": "other"}) == first
    assert store.open_run("/runs/b", {}) != first
    assert reopened(store).find_request("/runs/a") == {"source": "digits", "seed": 3}
    assert store.find_request("/runs/c") is None


def test_seconds_are_kept(store: Store):
    run = store.open_run("a", {})
    assert store.seconds(run) == 0.0
    store.set_seconds(run, 12.5)
    store.set_seconds(run, 13.25, status="done")
    assert reopened(store).seconds(run) == 13.25


def test_a_decision_is_made_once(store: Store):
    run, other = store.open_run("a", {}), store.open_run("b", {})
    asked = []

    def decide() -> dict[str, int]:
        asked.append(1)
        return {"value": len(asked)}

    assert store.decide(run, "plan", decide) == {"value": 1}
    assert store.decide(run, "plan", decide) == {"value": 1}
    assert store.decide(run, "another", decide) == {"value": 2}
    assert store.decide(other, "plan", decide) == {"value": 3}
    assert reopened(store).decide(run, "plan", decide) == {"value": 1}
    assert len(asked) == 3


def test_the_first_sitting_gets_what_later_ones_will(store: Store):
    """A tuple becomes a list in JSON: it must be one from the start, or a resumed run differs."""
    run = store.open_run("a", {})
    first = store.decide(run, "plan", lambda: {"widths": (8, 16), "seconds": 0.1})
    assert first == {"widths": [8, 16], "seconds": 0.1}
    assert store.decide(run, "plan", dict) == first


def test_numbers_that_are_none_are_kept_as_strict_json(store: Store):
    run = store.open_run("run", {})
    store.decide(run, "diverged", lambda: {"loss": math.inf, "low": -math.inf, "rows": [1.5, math.nan], "n": 3})
    found = store.decide(run, "diverged", dict)
    assert (found["loss"], found["low"], found["n"]) == (math.inf, -math.inf, 3)
    assert found["rows"][0] == 1.5
    assert math.isnan(found["rows"][1])
    with store.engine.connect() as connection:
        text = connection.exec_driver_sql("select value from assay_decisions").scalar_one()
    assert "NaN" not in text
    assert "Infinity" not in text


def test_a_decision_that_fails_is_not_kept(store: Store):
    run = store.open_run("a", {})

    def fail() -> dict[str, int]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.decide(run, "plan", fail)
    assert store.decide(run, "plan", lambda: {"value": 2}) == {"value": 2}


def test_a_measurement_is_made_once_for_all_runs(store: Store):
    assert store.find_measurement("cost") is None
    store.record_measurement("cost", {"value": math.nan})
    store.record_measurement("cost", {"value": 2.0})
    found = reopened(store).find_measurement("cost")
    assert found is not None
    assert math.isnan(found["value"]), "the first stands, and what is no number is kept"


def test_a_trial_is_kept_once(store: Store):
    assert store.find_trial("k") is None
    store.record_trial("k", **TRIAL, result={"value": 0.5, "example_scores": [1.0, 0.0]})
    store.record_trial("k", **TRIAL, result={"value": 0.75})
    store.record_trial("other", **TRIAL, result={"value": 0.25})
    assert store.count_trials() == 2
    assert reopened(store).find_trial("k") == {"value": 0.5, "example_scores": [1.0, 0.0]}


def test_a_stage_is_kept_once_and_only_in_its_run(store: Store):
    run, other = store.open_run("a", {}), store.open_run("b", {})
    store.record_stage(run, "inspect", {"report": {"findings": []}})
    store.record_stage(run, "inspect", {"report": "later"})
    assert reopened(store).find_stage(run, "inspect") == {"report": {"findings": []}}
    assert store.find_stage(run, "verify") is None
    assert store.find_stage(other, "inspect") is None


def test_a_reading_of_the_test_split_counts_once_it_told_something(store: Store):
    run = store.open_run("a", {})
    store.record_stage(run, "inspect", {})
    assert store.test_reads(run) == 0
    store.record_stage(run, "test", {"value": 0.9}, test_model="m")
    assert store.test_reads(run) == 1
    # Another process that finished the same stage a moment later: its result was thrown away.
    store.record_stage(run, "test", {"value": 0.8}, test_model="m")
    assert store.test_reads(run) == 1
    assert store.test_reads(store.open_run("b", {})) == 0
    store.record_stage(run, "test again", {"value": 0.8}, test_model="m")
    assert reopened(store).test_reads(run) == 2


def test_other_faults_of_a_row_are_told(store: Store):
    """Only a row that is there already may be passed over."""
    with pytest.raises(IntegrityError, match="NOT NULL"):
        store._add_once(TrialRow(key="k"))
    assert store.find_trial("k") is None


@pytest.mark.parametrize("name", ["plain", "50% off", "what?", "a#b", "a%20b", "übung", "a;b@c:d&e=f"])
def test_a_folder_may_have_any_name(tmp_path: Path, name: str):
    folder = tmp_path / name
    folder.mkdir()
    store = Store(url_of_file(folder / "assay.db"))
    store.open_run("a", {})
    store.close()
    assert "assay.db" in [path.name for path in folder.iterdir()]
    assert [path.name for path in tmp_path.iterdir()] == [name]
    # The search keeps its trials in the same file, by the same URL.
    assert make_url(store.url).database == str(folder / "assay.db")


def test_a_database_that_cannot_be_made_is_told(tmp_path: Path):
    with pytest.raises(InputError, match=r"cannot be opened .unable to open database file"):
        Store(f"sqlite:///{tmp_path / 'missing' / 'assay.db'}")


def test_a_url_that_is_none_or_has_no_driver_is_told_without_its_password():
    with pytest.raises(InputError, match=r"cannot be opened .Could not parse"):
        Store("nonsense")
    with pytest.raises(InputError, match="cannot be opened") as told:
        Store("nosuchdatabase://me:secret@localhost/x")
    assert "secret" not in str(told.value)


WORKER = """
import json, os, sys, time
from assay.errors import InputError
from assay.store.store import Store, url_of_file

url, start = sys.argv[1], float(sys.argv[2])
time.sleep(max(0.0, start - time.time()))
store = Store(url)
run = store.open_run("shared", {"pid": os.getpid()})
decisions = [store.decide(run, f"decision {n}", lambda: {"pid": os.getpid()})["pid"] for n in range(20)]
for n in range(40):
    store.record_trial(f"trial {n}", stage="s", description="d", recipe={}, result={"pid": os.getpid(), "n": n})
    store.set_seconds(run, n)
print(json.dumps({"run": run, "decisions": decisions, "trials": [store.find_trial(f"trial {n}") for n in range(40)]}))
"""


def test_processes_share_one_file(url: str):
    """Both make the tables, the run, every decision and every trial at once; both end with the same ones."""
    command = [sys.executable, "-c", WORKER, url, str(time.time() + 2.0)]
    with ExitStack() as running:
        workers = [running.enter_context(started(command)) for _ in range(2)]
        results = [wait_for_end(worker) for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0], results[0][1] + results[1][1]
    first, second = (json.loads(output) for output, _ in results)
    assert first == second
    assert [trial["n"] for trial in first["trials"]] == list(range(40))
    store = Store(url)
    assert store.count_trials() == 40
    store.close()


@pytest.mark.slow
def test_a_kill_leaves_a_row_or_none(url: str):
    """SIGKILL in the middle of a stream of transactions: the file opens, and every trial in it is whole."""
    command = [sys.executable, "-c", WORKER.replace("range(40)", "range(100000)"), url, "0"]
    for _ in range(3):
        store = Store(url)
        with started(command) as worker:
            until, wanted = time.monotonic() + LIMIT_SECONDS, store.count_trials() + 5
            while store.count_trials() < wanted:
                if worker.poll() is not None or time.monotonic() > until:
                    pytest.fail(f"it stopped before {wanted} trials were kept: {wait_for_end(worker, 0.0)}")
                time.sleep(0.02)
            worker.send_signal(signal.SIGKILL)
            wait_for_end(worker)
        count = store.count_trials()
        assert count >= wanted
        found = [store.find_trial(f"trial {n}") for n in range(count)]
        assert [trial and trial["n"] for trial in found] == list(range(count))
        store.close()
