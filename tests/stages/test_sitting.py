"""A sitting: what is left of a run when its block ends well, by Ctrl-C, or by a refusal; whoever asked for it."""

from __future__ import annotations

from pathlib import Path

import pytest

import assay
from assay.data.data import Data
from assay.errors import InputError
from assay.models.mlp import MLP
from assay.recipe import Recipe
from assay.run_comparison.past_run import runs_of
from assay.stages.own_learning_curve import measure_learning_curve
from assay.stages.session import Progress
from assay.stages.sitting import finished_seconds, key_of_stage, sitting
from assay.store.finished import look_at_runs
from assay.tricks.average.ema import EMA

RECIPE = Recipe(model=MLP((8,)), batch_size=16, epochs=1)
ASKED = {"stage": "ablate"}


def sit(folder: Path, **options: object):
    """A sitting at the only run of the folder."""
    return sitting(folder, ASKED, key=key_of_stage("ablate", folder, ASKED), **options)  # pyright: ignore


def stop(progress: Progress) -> None:
    raise KeyboardInterrupt("the stop of this test")


def test_a_run_is_done_and_its_seconds_are_those_of_its_first_end(tmp_path: Path) -> None:
    with sit(tmp_path, used_seconds=5.0) as session:
        first = finished_seconds(session)
        assert first >= 5.0
    with sit(tmp_path, used_seconds=5.0) as session:
        assert session.budget.used >= first + 5.0
    (seen,) = look_at_runs(tmp_path / "assay.db")
    assert (seen.status, seen.seconds) == ("done", first)


def test_a_sitting_may_have_the_whole_budget_for_itself(tmp_path: Path) -> None:
    with sit(tmp_path, used_seconds=100.0):
        pass
    with sit(tmp_path, counts_on=False) as session:
        assert session.budget.used < 100.0


def test_a_stop_is_marked_and_what_is_refused_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), sit(tmp_path / "stopped"):
        raise KeyboardInterrupt("the stop of this test")
    assert [seen.status for seen in look_at_runs(tmp_path / "stopped" / "assay.db")] == ["stopped"]
    with pytest.raises(InputError, match="wrong"), sit(tmp_path / "new" / "folder"):
        raise InputError("wrong")
    assert not (tmp_path / "new").exists()


def test_a_study_of_a_program_is_listed_as_one_and_as_done(tiny_images: Data, tmp_path: Path) -> None:
    assay.ablate(RECIPE, tiny_images, [EMA()], seeds=2, folder=tmp_path)
    assert [(run.kind, run.state) for run in runs_of(tmp_path, "study")] == [("study", "done")]


def test_a_study_of_a_program_that_is_stopped_is_listed_as_stopped(tiny_images: Data, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt, match="the stop of this test"):
        assay.ablate(RECIPE, tiny_images, [EMA()], seeds=2, folder=tmp_path, announce=stop)
    assert [run.state for run in runs_of(tmp_path, "study")] == ["stopped"]


def test_a_refused_study_leaves_no_folder(tiny_images: Data, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="too small"):
        assay.ablate(RECIPE, tiny_images, [EMA()], budget=0.001, folder=tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_stopped_learning_curve_is_listed_as_stopped(tiny_images: Data, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt, match="the stop of this test"):
        measure_learning_curve(tiny_images, recipe=RECIPE, budget_seconds=60, folder=tmp_path, announce=stop)
    assert [run.state for run in runs_of(tmp_path, "curve")] == ["stopped"]
