"""What rules lack is told with the command that makes it, each command once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from measured import curves, healthy, nothing
from stored_run import REQUEST, write_run

from assay.advice.counsel import counsel
from assay.advice.judgement import NotMeasured
from assay.advice.rules import step_size, wide_loss
from assay.advice.run_folder import read_run
from assay.advice.session import advise_on
from assay.advice.telling import lacking_lines, tell_lines
from assay.store.store import Store, url_of_file


def test_each_command_stands_once_with_the_rules_that_wait_for_it():
    lacking = counsel(nothing()).lacking
    lines = list(lacking_lines(lacking))
    commands = [line for line in lines if line.strip().startswith("$ ")]
    assert lines[0] == f"{len(lacking)} lack a measurement; the command that makes it:"
    assert len(commands) == len(set(commands)) > 3
    names = ", ".join(" ".join(line.split()) for line in lines[1:] if line not in commands).split(", ")
    assert sorted(names) == sorted(lacking)
    assert list(lacking_lines({})) == []


def test_the_terminal_shows_them(tmp_path: Path):
    folder = write_run(tmp_path / "run", without=("verify", "tune", "squeeze", "test"))
    lines = list(tell_lines(advise_on(folder, target=0.93)))
    assert any(line.startswith("   $ assay verify digits") for line in lines)


def test_too_short_a_training_is_measured_by_a_longer_one():
    few = step_size.judge(healthy(curves=replace(curves(), samples=())))
    assert isinstance(few, NotMeasured)
    assert "--epochs 60" in str(few.measure)


def test_what_no_command_measures_is_said_to_be_mended_first():
    base = curves()
    stuck = wide_loss.judge(healthy(curves=replace(base, losses=2.3 + 0.01 * np.cos(base.steps))))
    assert isinstance(stuck, NotMeasured)
    assert stuck.measure is None
    assert "mended" in list(lacking_lines({"wide_loss": stuck}))[-1]


def test_the_tricks_of_a_study_alone_are_measured(tmp_path: Path):
    folder = tmp_path / "study"
    folder.mkdir()
    store = Store(url_of_file(folder / "assay.db"))
    number = store.open_run("a study", {**REQUEST, "stage": "ablate", "study": {"design": "add-one"}})
    row = {"trick": "Flip()", "effect": -0.05, "low": -0.2, "high": 0.1, "n": 2, "verdict": "no measurable effect",
           "kept": False}  # fmt: skip
    report = {"stage": "ablate", "skipped": [], "seconds": 1.0, "findings": []}
    store.record_stage(number, "ablate", {"report": report, "tricks": [row]})
    store.close()
    found = counsel(read_run(folder))
    assert "measured_tricks" in found.fine
    assert "mirrored_labels" in found.fine
