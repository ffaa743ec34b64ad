"""`assay train`, from a source to a model, and on after a stop."""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from cli_support import Assay

from assay import loop, training
from assay.artifact import load_model
from assay.errors import InputError
from assay.live import LiveTail
from assay.losses import MeanSquaredError
from assay.presets.catalog import find_preset
from assay.training import Training
from assay.trial import unpack
from assay.tricks.schedule.cosine import Cosine
from assay.tricks.schedule.warmup import Warmup

RECIPE = """batch_size = 8
epochs = 4
[model]
kind = "MLP"
hidden = [8]
[[tricks]]
kind = "OneCycle"
[[tricks]]
kind = "EMA"
"""
REGRESSION = RECIPE + '[loss]\nkind = "MeanSquaredError"\n'


@pytest.fixture(autouse=True)
def _recipes() -> None:
    Path("recipe.toml").write_text(RECIPE)
    Path("regression.toml").write_text(REGRESSION)


def stop_at(step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    class Stopped(training.Training):
        def __iter__(self) -> Iterator[Any]:
            for taken in super().__iter__():
                yield taken
                if taken.number == step:
                    raise KeyboardInterrupt

    monkeypatch.setattr(training, "Training", Stopped)


def test_leaves_a_model_its_recipe_and_curves_and_nothing_else(assay: Assay, animals: Path) -> None:
    told = assay("train", "animals", "--recipe", "recipe.toml", "--out", "out")
    assert told.code == 0, told.err
    left = {path.name for path in Path("out").iterdir()}
    assert left == {"model.safetensors", "recipe.toml", "curves.jsonl", "summary.json", "training.json"}
    curves = LiveTail(Path("out/curves.jsonl"))
    curves.read()
    assert curves.curves["training"].done
    assert curves.curves["training"].step == curves.curves["training"].total
    assert max(curves.curves["training"].values) == curves.curves["training"].total, "the last look is at the end"
    assert "validation accuracy" in told.out
    assert "(95 %, n = " in told.out
    model = load_model("out")
    assert model.specification.classes == ("cat", "horse")
    assert model.recipe.epochs == 4


def test_its_summary_says_on_what_and_with_what_it_was_trained(assay: Assay, animals: Path) -> None:
    assert assay("train", "animals", "--recipe", "recipe.toml", "--seed", 3, "--out", "out").code == 0
    summary = json.loads(Path("out/summary.json").read_text())
    assert (summary["source"], summary["seed"], summary["test"]) == ("animals", 3, None)
    low, high = summary["validation"]["interval"]
    assert low <= summary["validation"]["value"] <= high
    assert len(summary["data"]) == 16
    assert summary["environment"]["torch"] == torch.__version__
    scores = unpack(summary["examples"]["scores"])
    assert (len(scores), scores.mean()) == (summary["validation"]["n"], pytest.approx(summary["validation"]["value"]))


def test_epochs_on_the_command_line_count(assay: Assay, animals: Path) -> None:
    assay("train", "animals", "--recipe", "recipe.toml", "--epochs", "2", "--out", "out")
    assert load_model("out").recipe.epochs == 2


def test_tricks_on_the_command_line_join_the_recipe(assay: Assay, animals: Path) -> None:
    tricks = ("--trick", "Mixup(alpha=0.4)", "--trick", "warmup(epochs=1)")
    told = assay("train", "animals", "--recipe", "recipe.toml", *tricks, "--out", "out")
    assert told.code == 0, told.err
    assert [type(trick).__name__ for trick in load_model("out").recipe.tricks] == ["OneCycle", "EMA", "Mixup", "Warmup"]


def test_a_trick_that_the_recipe_has_is_put_in_its_place(assay: Assay, animals: Path) -> None:
    told = assay("train", "animals", "--recipe", "recipe.toml", "--trick", "EMA(decay=0.5)", "--out", "out")
    assert "in place of EMA(" in told.err
    assert [getattr(trick, "decay", None) for trick in load_model("out").recipe.tricks] == [None, 0.5]


def test_a_batch_larger_than_the_split_is_said(assay: Assay, animals: Path) -> None:
    told = assay("train", "animals", "--recipe", "recipe.toml", "--batch-size", "4096", "--out", "out")
    assert told.code == 0
    assert re.search(r"batches hold all \d+ training examples; 4096 were asked for", told.err)


def test_a_preset_is_rescaled_in_the_open(assay: Assay, animals: Path) -> None:
    told = assay("train", "animals", "--preset", "book-baseline", "--epochs", 2, "--batch-size", 8, "--out", "out")
    assert told.code == 0, told.err
    assert {"epochs 10 -> 2", "batch size 128 -> 8"} <= set(told.lines)
    assert "learning rate 0.1 -> 0.00625, in proportion to the batch" in told.lines
    recipe = load_model("out").recipe
    assert (recipe.batch_size, recipe.epochs, recipe.optimizer.learning_rate) == (8, 2, 0.00625)
    told = assay("train", "animals", "--preset", "book-baseline", "--recipe", "recipe.toml")
    assert (told.code, told.err) == (2, "assay: --recipe recipe.toml and --preset book-baseline: give one of them\n")


def test_the_rate_that_is_printed_is_the_one_used(assay: Assay, animals: Path) -> None:
    """Added tricks are scaled like the recipe's own, and by one rule only."""
    Path("sgd.toml").write_text('batch_size = 4\nepochs = 1\n[optimizer]\nkind = "SGD"\nlearning_rate = 0.1\n')
    cases = {
        ("--recipe", "sgd.toml", "--trick", "LinearScaling(4)"): (0.2, "0.1 -> 0.2: LinearScaling follows"),
        ("--recipe", "sgd.toml", "--trick", "SquareRootScaling(2)"): (0.2, "0.141421 -> 0.2: SquareRootScaling"),
        ("--recipe", "sgd.toml"): (0.2, "0.1 -> 0.2, in proportion"),
        ("--preset", "karpathy-baseline", "--epochs", "1", "--trick", "AdamW(learning_rate=0.004)"): (
            0.001,
            "0.004 -> 0.001, by the square root",
        ),
    }
    for number, (arguments, (rate, line)) in enumerate(cases.items()):
        told = assay("train", "animals", *arguments, "--batch-size", "8", "--out", f"out{number}")
        assert told.code == 0, told.err
        assert [text for text in told.lines if text.startswith(f"learning rate {line}")], told.err
        assert len([text for text in told.lines if text.startswith("learning rate")]) == 1
        assert load_model(f"out{number}").recipe.optimizer.learning_rate == pytest.approx(rate)


def test_epochs_in_an_added_trick_are_those_of_the_training_asked_for(assay: Assay, animals: Path) -> None:
    arguments = ("--recipe", "recipe.toml", "--epochs", "2", "--trick", "Warmup(epochs=1)", "--out", "out")
    assert assay("train", "animals", *arguments).code == 0
    assert Warmup(1.0) in load_model("out").recipe.tricks


def test_a_presets_trick_can_be_taken_out(assay: Assay, animals: Path) -> None:
    preset = ("train", "animals", "--preset", "book-baseline", "--epochs", "1", "--out", "out")
    told = assay(*preset, "--without", "LinearDecay", "--without", "early-stopping", "--trick", "Cosine")
    assert told.code == 0, told.err
    assert {f"without {trick}" for trick in find_preset("book-baseline").recipe.tricks} <= set(told.lines)
    assert load_model("out").recipe.tricks == (Cosine(),)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("LinearDecai", "there is no trick called 'LinearDecai'; did you mean linear-decay?"),
        ("RisingMomentum", "--without RisingMomentum: the recipe has no such trick; it has LinearDecay, EarlyStopping"),
        ("EarlyStopping(3)", "there is no trick called 'EarlyStopping(3)'; did you mean early-stopping?"),
    ],
)
def test_what_is_not_there_cannot_be_taken_out(assay: Assay, animals: Path, name: str, message: str) -> None:
    told = assay("train", "animals", "--preset", "book-baseline", "--without", name, "--out", "out")
    assert (told.code, told.err) == (2, f"assay: {message}\n")
    assert not Path("out").exists()


@pytest.mark.parametrize("preset", ["karpathy-baseline", "book-baseline"])
def test_a_preset_for_any_data_takes_the_tasks_own_loss(assay: Assay, table: Path, preset: str) -> None:
    told = assay("train", "table.csv", "--target", "price", "--preset", preset, "--epochs", "2", "--out", "out")
    assert told.code == 0, told.err
    assert "loss MeanSquaredError, as the data is for regression" in told.lines
    assert "validation r2" in told.out
    recipe = load_model("out").recipe
    assert recipe.loss == MeanSquaredError()
    assert recipe.tricks == find_preset(preset).recipe.tricks


@pytest.mark.parametrize("preset", ["wgan", "wgan-gp"])
def test_a_critics_preset_trains_no_classifier(assay: Assay, animals: Path, preset: str) -> None:
    told = assay("train", "animals", "--preset", preset, "--out", "out")
    assert (told.code, told.out, len(told.lines)) == (2, "", 1)
    assert told.err.startswith(f"assay: --preset {preset} is for images to generate and cannot be trained alone: ")
    assert not Path("out").exists()


def test_without_a_recipe_and_a_name(assay: Assay, table: Path) -> None:
    told = assay("train", "table.csv", "--target", "price", "--epochs", "1")
    assert told.code == 0, told.err
    assert "validation r2" in told.out
    assert load_model("assay-runs/train-table.csv").specification.task == "regression"


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


@pytest.mark.parametrize("added", ["Cosine", "Restart(schedule=Cosine(), period_epochs=1)"])
def test_an_added_schedule_takes_the_place_of_the_recipes_own(assay: Assay, table: Path, added: str) -> None:
    told = assay("train", "table.csv", "--target", "price", "--epochs", "1", "--trick", added, "--out", "out")
    assert told.code == 0, told.err
    assert " in place of OneCycle(" in " ".join(told.err.split())
    names = [type(trick).__name__ for trick in load_model("out").recipe.tricks]
    assert added.partition("(")[0] in names
    assert "OneCycle" not in names


def test_two_added_schedules_are_refused_by_both_names(assay: Assay, table: Path) -> None:
    told = assay(
        "train", "table.csv", "--target", "price", "--trick", "Cosine", "--trick", "LinearDecay", "--out", "out"
    )
    assert (told.code, told.out) == (2, "")
    assert "LinearDecay and Cosine both set learning rate schedule; keep one of them" in told.err


def test_a_checkpoint_of_another_recipe_is_refused(
    assay: Assay, animals: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        stop_at(3, patch)
        assay("train", "animals", "--recipe", "recipe.toml", "--out", "out")
    told = assay("train", "animals", "--recipe", "recipe.toml", "--epochs", "9", "--out", "out", "--resume")
    assert told.code == 2
    assert "belongs to another recipe" in told.err


def test_a_finished_folder_is_not_trained_over(assay: Assay, animals: Path) -> None:
    arguments = ["train", "animals", "--recipe", "recipe.toml", "--out", "out"]
    assay(*arguments)
    before = Path("out/model.safetensors").stat().st_mtime_ns
    told = assay(*arguments)
    assert told.code == 2
    assert "holds finished results" in told.err
    told = assay(*arguments, "--resume")
    assert (told.code, told.out) == (0, "finished already; model: out/model.safetensors\n")
    told = assay(*arguments, "--epochs", "9", "--resume")
    assert told.code == 2
    assert "holds a model of another recipe" in told.err
    assert Path("out/model.safetensors").stat().st_mtime_ns == before


def test_skip_bad_and_impute(assay: Assay, animals: Path, table: Path) -> None:
    (animals / "cat/3.png").write_text("no picture")
    told = assay("train", "animals", "--skip-bad", "--recipe", "recipe.toml", "--out", "images")
    assert told.code == 0, told.err
    table.write_text(table.read_text() + ",2,red,3.5\n")
    told = assay("train", "table.csv", "--target", "price", "--impute", "--recipe", "regression.toml", "--out", "rows")
    assert told.code == 0, told.err


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


def test_a_network_that_no_memory_holds(assay: Assay, table: Path) -> None:
    Path("recipe.toml").write_text(
        '[model]\nkind = "MLP"\nhidden = [1000000000000000]\n[loss]\nkind = "MeanSquaredError"\n'
    )
    told = assay("train", "table.csv", "--target", "price", "--recipe", "recipe.toml", "--out", "out")
    assert (told.code, told.out, len(told.lines)) == (2, "", 1), told
    assert "1000000000000000" in told.err
    assert "needs more memory than there is" in told.err
    assert not Path("out").exists()


def test_a_stop_before_anything_is_saved_leaves_nothing_and_offers_nothing(
    assay: Assay, animals: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    def stop_in_a_step(*_: object, **__: object) -> Iterator[None]:
        yield stop()

    for place, name, how in ((training.Training, "__init__", stop), (training, "training_steps", stop_in_a_step)):
        with monkeypatch.context() as patch:
            patch.setattr(place, name, how)
            told = assay("train", "animals", "--recipe", "recipe.toml", "--out", "out")
        assert (told.code, told.err) == (130, "assay: stopped\n")
        assert not Path("out").exists()
