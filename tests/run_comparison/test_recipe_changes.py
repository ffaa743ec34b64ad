"""What differs between two recipe files: tricks, parts, settings, order; and nothing where nothing does."""

from __future__ import annotations

import tomllib
from dataclasses import replace

from assay.models.mlp import MLP
from assay.models.resnet import ResNet
from assay.optimizers import SGD, AdamW
from assay.recipe import Recipe
from assay.recipe_toml import recipe_to_toml
from assay.run_comparison.details import describe
from assay.run_comparison.recipe_changes import NONE, Change, recipe_changes
from assay.tricks.batch.mixup import Mixup
from assay.tricks.schedule.cosine import Cosine
from assay.tricks.target.label_smoothing import LabelSmoothing

BASE = Recipe(model=MLP(hidden=(8,)), optimizer=AdamW())


def between(first: Recipe, second: Recipe) -> list[Change]:
    return recipe_changes(*(tomllib.loads(recipe_to_toml(recipe)) for recipe in (first, second)))


def test_a_recipe_differs_in_nothing_from_itself() -> None:
    recipe = BASE | Cosine() | Mixup(0.3)
    assert between(recipe, recipe) == []


def test_tricks_come_and_go_and_change() -> None:
    found = between(BASE | Mixup(0.3) | LabelSmoothing(0.1), BASE | LabelSmoothing(0.2) | Cosine())
    assert found[:2] == [Change("trick", "Mixup(alpha=0.3)", NONE), Change("trick", NONE, "Cosine()")]
    assert found[2:] == [Change("LabelSmoothing.smoothing", "0.1", "0.2")]
    assert [change.text for change in found] == [
        "Mixup(alpha=0.3) only in the first", "Cosine() only in the second", "LabelSmoothing.smoothing 0.1 against 0.2",
    ]  # fmt: skip


def test_the_same_tricks_in_another_order() -> None:
    found = between(BASE | Cosine() | LabelSmoothing(), BASE | LabelSmoothing() | Cosine())
    assert found == [Change("order of tricks", "Cosine | LabelSmoothing", "LabelSmoothing | Cosine")]


def test_schedules_of_two_quantities_are_two_tricks() -> None:
    found = between(BASE | Cosine() | Cosine(of="weight_decay"), BASE | Cosine(floor=0.1) | Cosine(of="weight_decay"))
    assert [change.place for change in found] == ["Cosine.floor"]


def test_a_part_of_another_kind_is_told_whole_and_a_setting_alone() -> None:
    found = between(BASE, replace(BASE, model=ResNet(), optimizer=AdamW(learning_rate=0.5), batch_size=32))
    assert found == [
        Change("model", "MLP(hidden=(8,))", "ResNet()"), Change("optimizer AdamW.learning_rate", "0.001", "0.5"),
        Change("batch size", "128", "32"),
    ]  # fmt: skip
    assert between(BASE, replace(BASE, optimizer=SGD()))[0].first == "AdamW()"


def test_how_long_is_trained_is_no_change_of_the_recipe() -> None:
    assert between(BASE, BASE.change(epochs=77.0)) == []


def test_a_part_that_this_version_does_not_know_is_told_as_it_is_written() -> None:
    assert describe({"kind": "Telepathy", "range": 1.23456789, "of": [1, 2], "by": {"kind": "MLP"}}) == (
        "Telepathy(range=1.235, of=[1, 2], by=MLP())"
    )
    assert recipe_changes({"tricks": [{"kind": "Telepathy"}]}, {})[0].first == "Telepathy()"
