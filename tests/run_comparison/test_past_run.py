"""What folders of runs and trainings tell: kind, state, score, time; and which folder somebody means."""

from __future__ import annotations

import json
import math
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from assay.errors import InputError
from assay.report.story import Score
from assay.run_comparison.finding_runs import find_run, find_runs
from assay.run_comparison.past_run import runs_of
from assay.run_folder import MARKS
from assay.store.store import Store, url_of_file

SCORE = {"metric": "accuracy", "value": 0.9, "interval": [0.8, 0.95], "n": 50}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "run").mkdir()
    return tmp_path / "run"


def begin(folder: Path, key: str = "run", *, done: bool = True, **request: Any) -> None:
    store = Store(url_of_file(folder / "assay.db"))
    run = store.open_run(key, {"source": "digits", "budget_seconds": 60.0, "seed": 3, **request})
    store.set_seconds(run, 12.0, status="done" if done else "running")
    store.close()


def summarize(folder: Path, **more: Any) -> None:
    (folder / "summary.json").write_text(json.dumps({"source": "digits", "stages": {}, "seconds": 5.0, **more}))


def age(folder: Path, seconds: float) -> None:
    for mark in MARKS:
        if (folder / mark).exists():
            os.utime(folder / mark, (time.time() - seconds,) * 2)


def test_a_finished_run_has_the_scores_of_its_summary(folder: Path) -> None:
    begin(folder)
    summarize(folder, test={**SCORE, "reads": 1}, validation=SCORE)
    (run,) = runs_of(folder, "run")
    assert (run.kind, run.source, run.seed, run.state) == ("run", "digits", 3, "done")
    assert (run.seconds, run.budget, run.split) == (12.0, 60.0, "test")
    assert run.score == Score("accuracy", 0.9, 0.8, 0.95, 50, 1)
    assert abs(datetime.now(UTC) - run.when) < timedelta(minutes=1)


def test_a_run_that_is_silent_was_stopped_and_has_no_score_of_an_earlier_one(folder: Path) -> None:
    begin(folder, done=False)
    summarize(folder, test=SCORE)
    assert [run.state for run in runs_of(folder, "run")] == ["running"]
    age(folder, 60)
    (run,) = runs_of(folder, "run")
    assert (run.state, run.score, run.split) == ("stopped", None, "")


def test_a_run_that_ended_by_ctrl_c_is_stopped_at_once(folder: Path) -> None:
    begin(folder, done=False)
    begin(folder, "other")
    store = Store(url_of_file(folder / "assay.db"))
    for run in (1, 2):
        store.mark_stopped(run)
    store.close()
    assert [run.state for run in runs_of(folder, "run")] == ["done", "stopped"], "what is done stays done"


def test_stages_alone_are_runs_of_their_own_the_newest_first(folder: Path) -> None:
    begin(folder, "run#ablate-1", stage="ablate")
    begin(folder, "run#tune-1", stage="tune")
    summarize(folder, validation=SCORE)
    assert [(run.kind, run.score) for run in runs_of(folder, "run")] == [("tune", None), ("ablate", None)]


@pytest.mark.parametrize(("left", "kind", "state"), [("model.safetensors", "train", "done"), ("work", "run", "running"),
                                                     ("", "train", "running")])  # fmt: skip
def test_without_a_database_files_tell_what_it_was(folder: Path, left: str, kind: str, state: str) -> None:
    (folder / "curves.jsonl").touch()
    if left == "work":
        (folder / left).mkdir()
    elif left:
        (folder / left).touch()
    (run,) = runs_of(folder, "run")
    assert (run.kind, run.state) == (kind, state)


def test_a_training_is_told_by_its_summary(folder: Path) -> None:
    (folder / "summary.json").write_text(json.dumps({"source": "x.csv", "recipe": "MLP()", "seconds": 5.0, "seed": 1,
                                                     "validation": SCORE}))  # fmt: skip
    (run,) = runs_of(folder, "run")
    assert (run.kind, run.source, run.seed, run.seconds, run.split) == ("train", "x.csv", 1, 5.0, "validation")


@pytest.mark.parametrize("text", ['{"accuracy": 0.5}', '{"source": "x"}'])
def test_a_summary_of_another_program_is_no_run(folder: Path, text: str) -> None:
    (folder / "summary.json").write_text(text)
    assert runs_of(folder, "run") == []


def test_a_score_that_is_no_number_is_none_and_limits_that_are_not_there_are_none(folder: Path) -> None:
    begin(folder)
    summarize(folder, test={**SCORE, "value": None}, validation={**SCORE, "interval": [None, None]})
    (run,) = runs_of(folder, "run")
    assert run.test is None
    assert run.validation is not None
    assert (run.validation.value, run.validation.n) == (0.9, 50)
    assert math.isnan(run.validation.low)
    assert math.isnan(run.validation.high)


def test_runs_below_are_found_once_and_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    for name in ("a", "deep/er/b"):
        (tmp_path / name).mkdir(parents=True)
        begin(tmp_path / name)
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "assay.db").write_text("no database " * 100)
    said: list[str] = []
    found = find_runs([tmp_path, tmp_path / "a"], say=said.append)
    assert [run.folder.name for run in found] == ["b", "a"]
    assert [text.partition(": no runs")[0] for text in said] == [f"skipped {tmp_path}/bad/assay.db"]
    with pytest.raises(InputError, match="nowhere: there is no such folder; name one with runs below it"):
        find_runs([Path("nowhere")], say=said.append)


def test_a_run_is_named_by_path_by_name_or_with_its_stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("assay-runs/digits").mkdir(parents=True)
    begin(Path("assay-runs/digits"), "d#ablate", stage="ablate")
    begin(Path("assay-runs/digits"), "d#tune", stage="tune")
    assert find_run("digits").kind == find_run("assay-runs/digits").kind == "tune"
    assert find_run("digits#ablate").kind == "ablate"
    with pytest.raises(InputError, match="digits#squeeze: no squeeze was asked for there; it holds ablate, tune"):
        find_run("digits#squeeze")
    with pytest.raises(InputError, match="cats: there is no such folder; `assay runs` lists the runs below here"):
        find_run("cats")
