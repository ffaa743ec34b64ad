"""Every command that a rule can give is parsed, and accepted by the command's own checks, on every kind of data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import typer
from kinds_of_data import KINDS, Kind, make_kind
from measured import healthy, not_fitting, nothing, short_of_target
from test_advising_rules import PLANTED, RULES, TOLD_ONLY

from assay.ablation.designs.add_one import add_one
from assay.advice.command import Command
from assay.advice.fitting import takes
from assay.advice.judgement import Advised, NotMeasured
from assay.advice.measurements import Measurements
from assay.advice.rules.regularisation import candidates
from assay.cli.app import build_app
from assay.cli.asked_recipe import change
from assay.recipe import Recipe
from assay.recipe_toml import read_recipe, write_recipe
from assay.stages.study import require_trainable
from assay.training.train import Training
from assay.tricks.expression import read_trick
from assay.tricks.kinds_of_inputs import require_fit

PROGRAM = typer.main.get_command(build_app())


@pytest.fixture(scope="module", params=KINDS)
def kind(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Kind:
    return make_kind(request.param, tmp_path_factory.mktemp("kind"))


def on_this_data(m: Measurements, kind: Kind, folder: Path, recipe: Recipe) -> Measurements:
    """The same measurements as if they were of this data and recipe."""
    specification = kind.data.specification
    folder.mkdir(exist_ok=True)
    write_recipe(recipe, folder / "recipe.toml")
    return replace(
        m, asked=kind.asked, folder=folder, recipe_file=folder / "recipe.toml", recipe=recipe,
        metric=specification.metric, input_shape=specification.input_shape, examples=len(kind.data.train),
        per_class=m.per_class if specification.classes else {}, tricks=(),
    )  # fmt: skip


def commands_of(kind: Kind, folder: Path) -> Iterator[tuple[str, Command]]:
    """What each rule advises or wants measured, on this data: of its planted fault, and of several states of a run."""
    for name, rule in RULES.items():
        runs = [(m, kind.recipe) for m in (short_of_target(), not_fitting(), nothing())]
        if name not in TOLD_ONLY:
            planted = PLANTED[name][0]()
            optimizer = kind.recipe.optimizer if planted.recipe is None else planted.recipe.optimizer
            runs.append((planted, kind.recipe.baseline.change(optimizer=optimizer)))
        for m, recipe in runs:
            told = rule.judge(on_this_data(m, kind, folder / recipe.key(), recipe))
            command = told.command if isinstance(told, Advised) else getattr(told, "measure", None)
            if command is not None:
                yield name, command


def parse(command: Command) -> dict[str, Any]:
    """As the program itself does."""
    name, *words = command.words[1:]
    return PROGRAM.commands[name].make_context(name, words).params  # pyright: ignore[reportAttributeAccessIssue]


def check(command: Command, kind: Kind) -> None:
    """What the command refuses before it trains."""
    given = parse(command)
    recipe = read_recipe(given["recipe"]) if given.get("recipe") else kind.recipe
    require_fit(recipe, kind.data.specification)
    if command.words[1] == "train":
        wanted, _ = change(recipe, added=given["trick"] or (), left_out=given["without"] or (),
                           batch_size=given["batch_size"], epochs=given["epochs"])  # fmt: skip
        Training(wanted, kind.data, monitored=False)
    if command.words[1] == "ablate" and given["tricks"]:
        tricks = tuple(map(read_trick, given["tricks"]))
        require_trainable(recipe, tricks, add_one(len(tricks)), kind.data, (0,))
        for trick in tricks:
            next(iter(Training(recipe.put(trick), kind.data, monitored=False)))


def test_every_command_is_accepted_on_this_data(kind: Kind, tmp_path: Path):
    seen = dict[tuple[str, ...], str]()
    for name, command in commands_of(kind, tmp_path):
        seen.setdefault(command.words, name)
    assert len(seen) > 15
    for words, name in seen.items():
        try:
            check(Command(words), kind)
        except Exception as error:
            pytest.fail(f"{name}: {Command(words)}: {error}")


def test_tricks_for_images_are_for_images_alone():
    table, images = short_of_target(input_shape=(13,)), short_of_target(input_shape=(1, 8, 8))
    assert not any(takes(table, trick) for trick in ("Crop()", "Cutout()", "Flip()"))
    assert takes(images, "Crop()")
    assert not takes(replace(images, input_shape=()), "Crop()")
    assert not takes(replace(table, recipe=None), "Crop()")
    assert "Crop(padding=1)" in candidates(images)
    assert "Cutout(size=2)" in candidates(images)
    assert candidates(table) == ("Mixup(alpha=0.2)", "LabelSmoothing()", "WeightDecay(weight_decay=0.1)")


def test_a_trick_for_classes_is_not_named_for_numbers():
    assert not takes(healthy(metric="r2"), "Flip()")
    assert isinstance(RULES["label_noise"].judge(nothing()), NotMeasured)
