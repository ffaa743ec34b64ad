"""`assay train` that is stopped, or cannot go on: what is left, and how it ends after all."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cli_support import Assay
from train_support import RECIPE, stop_at, write_recipes

from assay import loop
from assay.errors import InputError
from assay.training import train
from assay.training.train import Training


@pytest.fixture(autouse=True)
def _recipes() -> None:
    write_recipes()


def test_a_stopped_training_ends_with_the_same_weights(
    assay: Assay, animals: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ["train", "animals", "--recipe", "recipe.toml", "--seed", "3"]
    assert assay(*arguments, "--out", "whole").code == 0
    with monkeypatch.context() as patch:
        stop_at(3, patch)
        told = assay(*arguments, "--out", "halves")
    assert told.code == 130
    assert told.err == "assay: stopped; run the same command with --resume to go on\n"
    assert {path.name for path in Path("halves").iterdir()} == {"training.checkpoint", "curves.jsonl"}
    told = assay(*arguments, "--out", "halves", "--resume")
    assert told.code == 0, told.err
    assert "goes on at step 4 of" in told.err
    whole, halves = (Path(name, "model.safetensors").read_bytes() for name in ("whole", "halves"))
    assert whole == halves


def test_another_training_that_was_stopped_is_no_obstacle(
    assay: Assay, animals: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        stop_at(3, patch)
        assert assay("train", "animals", "--recipe", "recipe.toml").code == 130
    stopped = Path("assay-runs/train-animals/training.checkpoint")
    before = stopped.read_bytes()
    told = assay("train", "animals", "--recipe", "recipe.toml", "--epochs", "1")
    assert told.code == 0, told.err
    assert "trains in assay-runs/train-animals-2; another training was stopped in assay-runs/train-animals" in told.err
    assert Path("assay-runs/train-animals-2/model.safetensors").exists()
    assert stopped.read_bytes() == before


def test_a_folder_with_files_of_another_kind_is_not_fallen_into(
    assay: Assay, animals: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        stop_at(3, patch)
        assay("train", "animals", "--recipe", "recipe.toml")
    mine = Path("assay-runs/train-animals-2/recipe.toml")
    mine.parent.mkdir()
    mine.write_text("mine")
    told = assay("train", "animals", "--recipe", "recipe.toml", "--epochs", "1")
    assert told.code == 2
    assert "assay-runs/train-animals-2: holds files of another kind" in told.err
    assert mine.read_text() == "mine"


def test_a_file_that_cannot_be_read_costs_no_checkpoint(
    assay: Assay, animals: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def follow(training: Training, console: object, live: object) -> None:
        next(iter(training))
        raise InputError("animals/horse/10.png: not an image that can be read")

    monkeypatch.setattr("assay.cli.training_progress.follow", follow)
    told = assay("train", "animals", "--recipe", "recipe.toml", "--out", "out")
    assert (told.code, told.lines[-1]) == (2, "assay: animals/horse/10.png: not an image that can be read")
    assert Path("out/training.checkpoint").exists()


def test_the_same_training_goes_on_where_it_was_stopped(
    assay: Assay, animals: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        stop_at(3, patch)
        assay("train", "animals", "--recipe", "recipe.toml")
    told = assay("train", "animals", "--recipe", "recipe.toml")
    assert told.code == 0, told.err
    assert "goes on at step 4 of" in told.err


def test_a_checkpoint_of_another_recipe_is_refused(
    assay: Assay, animals: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        stop_at(3, patch)
        assay("train", "animals", "--recipe", "recipe.toml", "--out", "out")
    told = assay("train", "animals", "--recipe", "recipe.toml", "--epochs", "9", "--out", "out", "--resume")
    assert told.code == 2
    assert "belongs to another recipe" in told.err


def test_a_training_that_diverges_says_so_and_leaves_nothing(assay: Assay, animals: Path) -> None:
    Path("wild.toml").write_text(RECIPE + '[optimizer]\nkind = "SGD"\nlearning_rate = 1e30\n')
    told = assay("train", "animals", "--recipe", "wild.toml", "--out", "out")
    assert told.code == 2
    assert told.lines[-1].startswith("assay: the training diverged: the loss is ")
    assert "with the learning rate" in told.lines[-1]
    assert not Path("out").exists()


def test_ctrl_c_keeps_the_step_that_was_under_way(assay: Assay, animals: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The signal comes in the middle of a step; the checkpoint holds that step, and the rest is trained from there."""
    taken = loop.standard_step

    def interrupted(learner: Any, batch: Any, moment: Any) -> Any:
        if moment.clock.step == 1:
            os.kill(os.getpid(), signal.SIGINT)
        return taken(learner, batch, moment)

    monkeypatch.setattr(loop, "standard_step", interrupted)
    told = assay("train", "animals", "--recipe", "recipe.toml", "--out", "out")
    assert told.code == 130
    assert (Path("out") / "training.checkpoint").exists()
    monkeypatch.setattr(loop, "standard_step", taken)
    told = assay("train", "animals", "--recipe", "recipe.toml", "--out", "out", "--resume")
    assert told.code == 0, told.err
    assert "goes on at step 2 of" in told.err


def test_a_stop_before_anything_is_saved_leaves_nothing_and_offers_nothing(
    assay: Assay, animals: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    def stop_in_a_step(*_: object, **__: object) -> Iterator[None]:
        yield stop()

    for place, name, how in ((train.Training, "__init__", stop), (train, "training_steps", stop_in_a_step)):
        with monkeypatch.context() as patch:
            patch.setattr(place, name, how)
            told = assay("train", "animals", "--recipe", "recipe.toml", "--out", "out")
        assert (told.code, told.err) == (130, "assay: stopped\n")
        assert not Path("out").exists()
