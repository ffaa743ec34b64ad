"""Settings by name: found in any spelling, read and put under the tricks."""

from __future__ import annotations

import pytest

from assay.errors import InputError
from assay.models.mlp import MLP
from assay.optimizers import AdamW
from assay.recipe import Recipe
from assay.tricks.drop.dropout import Dropout
from assay.tricks.optimizer.lion import Lion
from assay.tricks.optimizer.weight_decay import WeightDecay
from assay.tricks.schedule.one_cycle import OneCycle
from assay.tricks.target.label_smoothing import LabelSmoothing
from assay.tuning.setting import find_setting, settings_in, settings_of, with_settings

RECIPE = Recipe(model=MLP(hidden=(8,)), optimizer=AdamW(learning_rate=1e-2), batch_size=8) | LabelSmoothing(0.2)


@pytest.mark.parametrize(
    ("name", "value", "other"),
    [
        ("batch_size", 8, 16),
        ("epochs", 10.0, 3.0),
        ("learning_rate", 1e-2, 1e-1),
        ("momentum", 0.9, 0.5),
        ("MLP.hidden", (8,), (16, 8)),
        ("LabelSmoothing.smoothing", 0.2, 0.0),
    ],
)
def test_every_place_is_read_and_written(name: str, value: object, other: object) -> None:
    assert settings_of(RECIPE, [name]) == {name: value}
    changed = with_settings(RECIPE, {name: other})
    assert settings_of(changed, [name]) == {name: other}
    assert with_settings(changed, {name: value}) == RECIPE
    assert [type(trick) for trick in changed.tricks] == [LabelSmoothing]


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        ("learning-rate", "learning_rate"),
        ("AdamW.learning_rate", "learning_rate"),
        ("optimizer.weight_decay", "weight_decay"),
        ("model.hidden", "MLP.hidden"),
        ("label-smoothing.smoothing", "LabelSmoothing.smoothing"),
    ],
)
def test_other_spellings(spelling: str, name: str) -> None:
    assert find_setting(RECIPE, spelling).name == name


def test_the_optimizer_may_be_a_trick() -> None:
    recipe = Recipe() | Lion(learning_rate=1e-4)
    assert "Lion.learning_rate" not in settings_in(recipe)
    changed = with_settings(recipe, {"learning_rate": 3e-4})
    assert changed.optimizer == Lion(learning_rate=3e-4)


def test_what_a_trick_sets_stays_above() -> None:
    changed = with_settings(RECIPE | WeightDecay(0.3), {"weight_decay": 0.5})
    assert changed.own_optimizer.weight_decay == 0.5
    assert changed.optimizer.weight_decay == 0.3


def test_an_unknown_name_is_told_with_the_nearest() -> None:
    with pytest.raises(InputError, match=r"no setting 'learningrat'; did you mean learning_rate"):
        find_setting(RECIPE, "learningrat")


def test_a_nickname_is_told_with_the_name() -> None:
    with pytest.raises(InputError, match=r"no setting 'lr'; did you mean learning_rate\?"):
        find_setting(RECIPE, "lr")


def test_what_a_part_is_for_is_no_setting() -> None:
    assert not {"CrossEntropy.task", "OneCycle.of"} & set(settings_in(RECIPE | OneCycle()))


def test_a_bare_argument_is_told_with_its_part() -> None:
    with pytest.raises(InputError, match=r"no setting 'smoothing'; did you mean .*LabelSmoothing.smoothing"):
        find_setting(RECIPE, "smoothing")


def test_a_trick_that_is_not_in_the_recipe() -> None:
    with pytest.raises(InputError, match=r"Mixup is not in the recipe, so it has nothing to search; put it into"):
        find_setting(RECIPE, "Mixup.alpha")


def test_two_tricks_of_a_recipe_are_both_there() -> None:
    known = settings_in(RECIPE | Dropout(0.1))
    assert {"LabelSmoothing.smoothing", "Dropout.share"} & set(known)
