"""`assay train`: the recipe it trains by, from a file, a preset, and tricks put in or taken out."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_support import Assay
from train_support import write_recipes

from assay.artifact import load_model
from assay.losses import MeanSquaredError
from assay.presets.catalog import find_preset
from assay.tricks.schedule.cosine import Cosine
from assay.tricks.schedule.warmup import Warmup


@pytest.fixture(autouse=True)
def _recipes() -> None:
    write_recipes()


def test_tricks_on_the_command_line_join_the_recipe(assay: Assay, animals: Path) -> None:
    tricks = ("--trick", "Mixup(alpha=0.4)", "--trick", "warmup(epochs=1)")
    told = assay("train", "animals", "--recipe", "recipe.toml", *tricks, "--out", "out")
    assert told.code == 0, told.err
    assert [type(trick).__name__ for trick in load_model("out").recipe.tricks] == ["OneCycle", "EMA", "Mixup", "Warmup"]


def test_a_trick_that_the_recipe_has_is_put_in_its_place(assay: Assay, animals: Path) -> None:
    told = assay("train", "animals", "--recipe", "recipe.toml", "--trick", "EMA(decay=0.5)", "--out", "out")
    assert "in place of EMA(" in told.err
    assert [getattr(trick, "decay", None) for trick in load_model("out").recipe.tricks] == [None, 0.5]


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
