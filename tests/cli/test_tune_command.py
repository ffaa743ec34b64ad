"""`assay tune SOURCE --search ... --over ...`: a tuning from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_support import Assay

from assay.recipe_toml import read_recipe

pytestmark = pytest.mark.usefixtures("animals")
SHORT = ("--trials", "3", "--epochs", "1", "--budget", "10m")


def test_a_tuning_leaves_its_recipe_report_and_summary_and_is_found_again(assay: Assay) -> None:
    words = ("tune", "animals", *SHORT, "--out", "out")
    told = assay(*words)
    assert told.code == 0
    for name in ("learning_rate_range", "learning_rate_bracket", "search_round_1", "importance", "capacity", "tuned"):
        assert name in told.out
    assert {"recipe.toml", "report.html", "summary.json"} <= {path.name for path in Path("out").iterdir()}
    recipe, stages = Path("out/recipe.toml").read_text(), json.loads(Path("out/summary.json").read_text())["stages"]
    assert stages["tune"]["status"] == "done"
    assert assay(*words).out == told.out
    assert Path("out/recipe.toml").read_text() == recipe
    assert json.loads(Path("out/summary.json").read_text())["stages"] == stages
    assert assay("tune", "animals", "--recipe", "out/recipe.toml", *SHORT, "--over", "momentum=0.5:0.9").code == 0
    assert read_recipe(Path("out/recipe.toml"))


def test_a_grid_over_what_is_named(assay: Assay) -> None:
    told = assay("tune", "animals", "--search", "grid", "--over", "learning_rate=1e-3:1e-2", "--over",
                 "batch_size=4,8", "--trials", "4", "--epochs", "1", "--budget", "10m", "--json")  # fmt: skip
    assert told.code == 0
    findings = {finding["id"]: finding for finding in json.loads(told.out)["findings"]}
    assert findings["search_round_1"]["evidence"]["trials"] == 4
    assert "learning_rate_range" not in findings


def test_another_metric_judges_and_heads_the_report(assay: Assay) -> None:
    told = assay("tune", "animals", *SHORT, "--over", "learning_rate=1e-3:1e-2", "--metric", "loss", "--out", "out")
    assert told.code == 0
    assert "validation images kept back, mean of" in Path("out/report.html").read_text().replace("\u00a0", " ")


@pytest.mark.slow
def test_the_disciplined_approach(assay: Assay) -> None:
    told = assay("tune", "animals", "--discipline", "--epochs", "1", "--budget", "10m", "--out", "out")
    assert told.code == 0
    for name in ("batch_size", "learning_rate", "momentum", "weight_decay", "discipline"):
        assert name in told.out
    assert read_recipe(Path("out/recipe.toml"))


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("--search", "genetic"), "--search must be one of random, grid, tpe, cmaes, got 'genetic'"),
        (("--metric", "accuracie"), "did you mean 'accuracy'"),
        (("--metric", "r2"), "metric r2 is for regression"),
        (("--trials", "0"), "--trials must be at least 1, got 0"),
        (("--rounds", "0"), "--rounds must be at least 1, got 0"),
        (("--epochs", "-1"), "--epochs must be above 0 and finite, got -1"),
        (("--discipline", "--search", "tpe"), "--discipline has its own steps; leave out --search"),
        (("--over", "learning_rate=1:0.1"), "the lower bound must be below the upper one, got 1:0.1; write 0.1:1"),
        (("--over", "weight_dcay=0.1:1"), "the recipe has no setting 'weight_dcay'; did you mean weight_decay"),
        (("--over", "momentum=auto"), "only learning_rate finds its bounds by itself"),
        (("--over", "learning_rate=auto", "--over", "learning_rate=0.1:1"), "learning_rate is named twice"),
        (("--over", "Mixup.alpha=0:1"), "Mixup is not in the recipe, so it has nothing to search"),
        (
            ("--search", "grid", *(word for name in ("learning_rate=0.1:1", "weight_decay=0.1:1", "momentum=0.1:0.9",
                                                     "batch_size=4,8") for word in ("--over", name))),
            "a grid over 4 hyperparameters takes",
        ),
        (("--search", "cmaes", "--over", "learning_rate=0.1:1", "--over", "batch_size=4,8"), "batch_size is a choice"),
        (("--over", "batch_size=4,4000"), "4000 is more than the"),
        (("--budget", "10s", "--epochs", "4000"), "is too small for the smallest honest tuning"),
    ],
)  # fmt: skip
def test_wrong_words_are_refused_before_any_training(assay: Assay, words: tuple[str, ...], error: str) -> None:
    told = assay("tune", "animals", *words)
    assert told.code == 2
    assert error in told.err
    assert "Traceback" not in told.err
