"""Whatever the path does not know it names a command for, and what that command found is read from beside the run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from measured import healthy, not_fitting, nothing
from stored_run import write_run
from test_advice_command import PROGRAM

from assay.advice.asked import AskedData
from assay.advice.counsel import counsel
from assay.advice.judged_labels import read_judged
from assay.advice.judgement import Advised, Fine, NotMeasured
from assay.advice.rules import label_noise
from assay.advice.run_folder import read_run
from assay.advice.session import advise_on
from assay.advice.telling import tell_lines


def write_table(folder: Path, flagged: int, n: int = 10_000) -> None:
    """As `assay clean` leaves it: training labels, and some of validation."""
    folder.mkdir()
    rows = {"split": ["train"] * n + ["validation"] * 10, "flagged": [i < flagged for i in range(n)] + [True] * 10}
    pl.DataFrame(rows).write_parquet(folder / "audit.parquet")


@pytest.mark.parametrize("run", [
    nothing, lambda: replace(not_fitting(), findings={}, neighbours=None),
    lambda: replace(not_fitting(), findings={}, neighbours=(12, 5)),
])  # fmt: skip
def test_every_question_without_an_answer_names_the_command_that_measures_it(run):
    unknown = [one for one in counsel(run()).path.branches if one.answer == "unknown"]
    assert unknown
    for branch in unknown:
        assert branch.measure.split()[1] in PROGRAM.commands, branch  # pyright: ignore[reportAttributeAccessIssue]


def test_too_few_agreeing_neighbours_leave_it_to_several_models():
    found = label_noise.judge(healthy(neighbours=(12, 5)))
    assert isinstance(found, NotMeasured)
    assert str(found.measure) == "assay clean digits --seed 3 --out runs/digits-clean"


def test_what_several_models_contradict_outweighs_neighbours_until_it_is_decided():
    found = label_noise.judge(not_fitting(judged=(1000, 300)))
    assert isinstance(found, Advised)
    assert str(found.command) == "assay ui digits --seed 3 --audit runs/digits-clean/audit.parquet"
    assert isinstance(label_noise.judge(not_fitting(judged=(1000, 20), neighbours=(500, 100))), Fine)
    decided = AskedData("digits", seed=3, decisions="digits.decisions.jsonl")
    assert isinstance(label_noise.judge(not_fitting(judged=(1000, 300), asked=decided)), Fine)


def test_the_table_beside_the_run_is_read_if_it_is_of_the_same_data(tmp_path: Path):
    folder = write_run(tmp_path / "run", validation=0.8)
    assert read_run(folder).judged is None
    write_table(tmp_path / "run-clean", 3_000)
    assert read_run(folder).judged == (10_000, 3_000)
    assert counsel(read_run(folder, target=0.93)).path.leads_to == "label_noise"
    assert read_judged(tmp_path / "run-clean", 9_000) == (None, ())
    assert read_run(folder).unread == ()


def test_a_table_that_cannot_be_read_is_named(tmp_path: Path):
    """It counted as one that is not there, and the advice was to make it."""
    folder, table = write_run(tmp_path / "run", validation=0.8), tmp_path / "run-clean" / "audit.parquet"
    table.parent.mkdir()
    for left in (b"PAR1", b""):
        table.write_bytes(left)
        assert read_run(folder).judged is None
        said = " ".join(" ".join(tell_lines(advise_on(folder, target=0.93))).split())
        assert "audit.parquet: is no table of assay clean, or is cut short" in said
    pl.DataFrame({"split": ["train"]}).write_parquet(table)
    (told,) = read_run(folder).unread
    assert told.startswith(f"{table}: is no table of assay clean")


def test_a_check_that_was_made_because_it_was_missing_counts(tmp_path: Path):
    folder = write_run(tmp_path / "run", without=("verify", "tune", "squeeze", "test"))
    first = advise_on(folder, target=0.93)
    assert first.counsel.path.branches[0].answer == "unknown"
    assert any(line.strip().startswith("measured by: $ assay verify") for line in tell_lines(first))
    write_run(tmp_path / "run-verify")
    assert advise_on(folder, target=0.93).counsel.path.branches[0].answer == "yes"
