"""Commands can be pasted: the run's own source and options, tricks that the recipe takes, a folder of their own."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
import typer
from measured import healthy, nothing
from test_advising_rules import PLANTED, RULES

from assay.advice.asked import AskedData
from assay.advice.command import Place, at_rate
from assay.advice.fitting import takes
from assay.advice.judgement import Advised
from assay.cli.app import build_app
from assay.models.mlp import MLP
from assay.optimizers import SGD, Adam, AdamW
from assay.recipe import Recipe
from assay.tricks.expression import read_trick
from assay.tricks.optimizer.lion import Lion

PROGRAM = typer.main.get_command(build_app())


def test_the_options_of_the_source_are_those_of_the_run():
    asked = AskedData("my data.csv", 7, "price", "shop", (32, 48), True, True, "decisions.jsonl")
    told = shlex.join(asked.words())
    assert told == ("'my data.csv' --target price --group shop --decisions decisions.jsonl --size 32x48 --skip-bad "
                    "--impute --seed 7")  # fmt: skip
    assert AskedData.of({"source": "digits", "seed": 0, "size": None, "budget_seconds": 60}) == AskedData("digits")
    assert AskedData.of({"source": "a", "size": [8, 8]}).size == (8, 8)


def test_a_command_is_quoted_and_has_a_folder_beside_the_run():
    place = Place(AskedData("digits"), Path("runs/one"), Path("runs/one/recipe.toml"))
    command = place.train("wider", tricks=["Widen(factor=2)"], without=["Flip"], epochs=30.0, batch_size=64)
    assert str(command) == ("assay train digits --recipe runs/one/recipe.toml --trick 'Widen(factor=2)' --without Flip "
                            "--epochs 30 --batch-size 64 --out runs/one-wider")  # fmt: skip
    assert command.folder == "runs/one-wider"
    assert Place(AskedData("digits")).train("longer").folder == "assay-runs/advised-longer"


@pytest.mark.parametrize(("optimizer", "trick"), [
    (AdamW(1e-3, weight_decay=0.1), "UseAdamW(learning_rate=0.0001, weight_decay=0.1)"),
    (Adam(1e-3), "UseAdam(learning_rate=0.0001)"),
    (AdamW(1e-2), "UseAdamW(learning_rate=0.001)"),
    (AdamW(1e-2, weight_decay=0.0), "UseAdamW(learning_rate=0.001, weight_decay=0.0)"),
    (SGD(0.5), "Nesterov(learning_rate=0.05)"),
    (SGD(0.5, momentum=0.0), "HeavyBall(learning_rate=0.05, momentum=0.0)"),
])  # fmt: skip
def test_a_rate_is_changed_by_the_trick_of_the_recipes_own_optimizer(optimizer, trick: str):
    assert at_rate(Recipe(optimizer=optimizer), 0.1) == trick
    assert read_trick(trick).learning_rate == pytest.approx(0.1 * optimizer.learning_rate)


def test_a_rate_of_an_optimizer_that_is_a_trick_stays_that_trick():
    assert at_rate(Recipe() | Lion(3e-4), 0.1) == "Lion(learning_rate=3e-05)"


def test_tricks_that_a_recipe_cannot_have_are_not_advised():
    assert takes(healthy(recipe=Recipe(model=MLP())), "Widen(factor=2)")
    assert not takes(healthy(recipe=Recipe(model=MLP())), "ResNetD()")
    assert takes(healthy(recipe=None), "ResNetD()")


@pytest.mark.parametrize("name", sorted(PLANTED))
def test_every_planted_command_is_one_that_the_program_knows(name: str):
    found = RULES[name].judge(PLANTED[name][0]())
    assert isinstance(found, Advised)
    words = found.command.words
    command = PROGRAM.commands[words[1]]  # pyright: ignore[reportAttributeAccessIssue]
    options = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= options
    for place, word in enumerate(words):
        if word in ("--trick", "--tricks"):
            read_trick(words[place + 1])


def test_a_run_without_a_folder_still_has_commands():
    assert str(nothing().place.stage("tune", "tune")) == "assay tune digits --out assay-runs/advised-tune"
    assert healthy().place.beside("x") == "runs/digits-x"
