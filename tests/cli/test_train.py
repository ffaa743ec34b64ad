"""`assay train`, from a source to a model, its summary and its curves."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import torch
from cli_support import Assay
from train_support import write_recipes

from assay.artifact import load_model
from assay.training.live import LiveTail
from assay.trial import unpack


@pytest.fixture(autouse=True)
def _recipes() -> None:
    write_recipes()


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


def test_a_batch_larger_than_the_split_is_said(assay: Assay, animals: Path) -> None:
    told = assay("train", "animals", "--recipe", "recipe.toml", "--batch-size", "4096", "--out", "out")
    assert told.code == 0
    assert re.search(r"batches hold all \d+ training examples; 4096 were asked for", told.err)


def test_without_a_recipe_and_a_name(assay: Assay, table: Path) -> None:
    told = assay("train", "table.csv", "--target", "price", "--epochs", "1")
    assert told.code == 0, told.err
    assert "validation r2" in told.out
    assert load_model("assay-runs/train-table.csv").specification.task == "regression"


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


def test_a_network_that_no_memory_holds(assay: Assay, table: Path) -> None:
    Path("recipe.toml").write_text(
        '[model]\nkind = "MLP"\nhidden = [1000000000000000]\n[loss]\nkind = "MeanSquaredError"\n'
    )
    told = assay("train", "table.csv", "--target", "price", "--recipe", "recipe.toml", "--out", "out")
    assert (told.code, told.out, len(told.lines)) == (2, "", 1), told
    assert "1000000000000000" in told.err
    assert "needs more memory than there is" in told.err
    assert not Path("out").exists()
