"""A recipe is a value: composition, conflicts by name, restacking, keys and one-line descriptions.

The tricks here are the smallest that fill each kind of slot.
"""

from __future__ import annotations

import json
import sys
import textwrap
from dataclasses import dataclass, replace
from typing import Any

import pytest
import torch
from child_processes import output_of
from torch import nn

from assay.losses import CrossEntropy, MeanSquaredError
from assay.models.builder import ModelBuilder
from assay.models.mlp import MLP
from assay.optimizers import SGD, Adam, AdamW
from assay.recipe import Recipe, RecipeError, describe_part, part_to_dict
from assay.schedule import Clock
from assay.tricks.optimizer.weight_decay import WeightDecay


@dataclass(frozen=True)
class Soften:
    """Fills a shared slot."""

    share: float = 0.1

    def __call__(self, recipe: Recipe) -> Recipe:
        return recipe.add(target_edits=lambda targets: targets * (1 - self.share) + self.share / targets.shape[-1])


@dataclass(frozen=True)
class Sharpen:
    """Fills the same shared slot."""

    power: float = 2.0

    def __call__(self, recipe: Recipe) -> Recipe:
        return recipe.add(target_edits=lambda targets: targets**self.power)


@dataclass(frozen=True)
class Linear:
    """Fills an exclusive slot."""

    def __call__(self, recipe: Recipe) -> Recipe:
        return recipe.fill(self, learning_rate_schedule=lambda clock: 1.0 - clock.progress)


@dataclass(frozen=True)
class Constant:
    """Fills the same exclusive slot."""

    def __call__(self, recipe: Recipe) -> Recipe:
        return recipe.fill(self, learning_rate_schedule=lambda clock: 1.0)


@dataclass(frozen=True)
class Drop:
    """Sets an option of the model."""

    share: float = 0.5

    def __call__(self, recipe: Recipe) -> Recipe:
        return recipe.set_options(self, "model", dropout=self.share)


@dataclass(frozen=True)
class OtherDrop:
    """Sets the same option of the model."""

    def __call__(self, recipe: Recipe) -> Recipe:
        return recipe.set_options(self, "model", dropout=0.2)


@dataclass(frozen=True)
class Stem:
    """Sets an option that no perceptron has."""

    def __call__(self, recipe: Recipe) -> Recipe:
        return recipe.set_options(self, "model", stem="D")


@dataclass(frozen=True)
class Groups:
    """Shares the slot of model edits, but leaves room for one norm."""

    def __call__(self, recipe: Recipe) -> Recipe:
        return recipe.claim(self, "norm").add(model_edits=lambda model, specification: model)


@dataclass(frozen=True)
class Ghosts:
    """Claims the same."""

    def __call__(self, recipe: Recipe) -> Recipe:
        return recipe.claim(self, "norm").add(model_edits=lambda model, specification: model)


@dataclass(frozen=True)
class ScaleRate:
    """Changes a value of the baseline that depends on another: learning rate by batch size."""

    def __call__(self, recipe: Recipe) -> Recipe:
        rate = recipe.optimizer.learning_rate * recipe.batch_size / 128
        return replace(recipe, optimizer=replace(recipe.optimizer, learning_rate=rate))


@dataclass(frozen=True)
class ClassesOnly:
    """Needs a classification task."""

    def __call__(self, recipe: Recipe) -> Recipe:
        recipe.require(recipe.task == "classification", self, "a classification loss")
        return recipe.add(loss_edits=lambda loss: loss)


def test_a_stack_acts_from_left_to_right():
    def smooth(recipe):
        targets = torch.tensor([[1.0, 0.0]])
        for edit in recipe.target_edits:
            targets = edit(targets)
        return targets

    soft_then_sharp = smooth(Recipe() | Soften(0.5) | Sharpen())
    sharp_then_soft = smooth(Recipe() | Sharpen() | Soften(0.5))
    assert torch.allclose(soft_then_sharp, torch.tensor([[0.5625, 0.0625]]))
    assert torch.allclose(sharp_then_soft, torch.tensor([[0.75, 0.25]]))


def test_a_trick_leaves_the_recipe_it_was_given_alone():
    plain = Recipe()
    stacked = plain | Soften() | Linear()
    assert plain.tricks == plain.target_edits == ()
    assert plain.learning_rate_schedule is None
    assert stacked.tricks == (Soften(), Linear())


def test_an_exclusive_slot_holds_what_its_trick_put_there():
    schedule = (Recipe() | Linear()).learning_rate_schedule
    assert schedule is not None
    assert [schedule(Clock(step, 4, 2)) for step in range(4)] == [1.0, 0.75, 0.5, 0.25]


def test_two_tricks_for_one_exclusive_slot_are_both_named():
    message = "Constant and Linear both set learning rate schedule; keep one of them"
    with pytest.raises(RecipeError, match=message):
        Recipe() | Linear() | Constant()


def test_two_tricks_that_claim_one_thing_are_both_named():
    with pytest.raises(RecipeError, match="Ghosts and Groups both set norm; keep one of them"):
        Recipe() | Groups() | Ghosts()
    claimed = Recipe() | Groups()
    assert claimed.filled_by == (("norm", "Groups"),)
    assert claimed.without(Groups).filled_by == ()
    assert len((claimed.without(Groups) | Ghosts()).model_edits) == 1


def test_two_tricks_for_one_option_are_both_named():
    with pytest.raises(RecipeError, match="OtherDrop and Drop both set the model's dropout; keep one"):
        Recipe() | Drop() | OtherDrop()


def test_the_same_trick_twice_is_refused():
    with pytest.raises(RecipeError, match="Soften is already in the recipe; use it once"):
        Recipe() | Soften(0.1) | Soften(0.2)


def test_an_option_the_part_lacks_is_refused_with_what_is_there():
    with pytest.raises(
        RecipeError, match=r"Stem needs a model with the option stem; this recipe has MLP\(\), AdamW\(\)"
    ):
        Recipe() | Stem()


def test_a_missing_need_is_refused():
    regression = Recipe(loss=MeanSquaredError())
    assert regression.task == "regression"
    with pytest.raises(RecipeError, match=r"ClassesOnly needs a classification loss.*MeanSquaredError\(\)"):
        regression | ClassesOnly()
    assert (Recipe() | ClassesOnly()).has(ClassesOnly)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"batch_size": 0}, "batch_size must be at least 1, got 0"),
        ({"epochs": 0.0}, "epochs must be positive and finite, got 0.0"),
        ({"epochs": float("nan")}, "epochs must be positive and finite, got nan"),
        ({"epochs": float("inf")}, "epochs must be positive and finite, got inf"),
    ],
)
def test_impossible_values_are_refused(values, message):
    with pytest.raises(ValueError, match=message):
        Recipe(**values)


def test_baseline_is_the_recipe_before_its_first_trick():
    plain = Recipe(model=MLP(hidden=(8,)))
    assert plain.baseline == plain
    stacked = plain | Drop() | Soften()
    assert stacked.model == MLP(hidden=(8,), dropout=0.5)
    assert stacked.baseline == plain
    assert stacked.baseline.target_edits == ()


def test_change_restacks_so_that_dependent_values_follow():
    scaled = Recipe(optimizer=SGD(learning_rate=0.1), batch_size=256) | ScaleRate() | Drop(0.3)
    assert scaled.optimizer.learning_rate == pytest.approx(0.2)
    changed = scaled.change(batch_size=512, model=MLP(hidden=(4,)))
    assert changed.optimizer.learning_rate == pytest.approx(0.4)
    assert changed.model == MLP(hidden=(4,), dropout=0.3)
    assert changed.tricks == scaled.tricks
    assert changed.baseline == Recipe(optimizer=SGD(learning_rate=0.1), batch_size=512, model=MLP(hidden=(4,)))


def test_change_checks_the_needs_again():
    with pytest.raises(RecipeError, match="ClassesOnly needs"):
        (Recipe() | ClassesOnly()).change(loss=MeanSquaredError())


def test_without_takes_a_trick_and_all_it_did_out_again():
    stacked = Recipe() | Drop() | Soften() | Linear()
    lighter = stacked.without(Drop, Linear)
    assert lighter == Recipe() | Soften()
    assert lighter.model == MLP()
    assert lighter.learning_rate_schedule is None
    assert not lighter.has(Linear)
    assert stacked.without(Drop, Soften, Linear) == Recipe()
    lighter | Constant()  # the slot is free again


def test_put_replaces_its_like_where_it_stands_and_joins_where_there_is_none():
    stacked = Recipe() | Soften(0.1) | Linear()
    assert stacked.put(Soften(0.2)) == Recipe() | Soften(0.2) | Linear()
    assert stacked.put(Drop()) == stacked | Drop()
    assert Recipe().put(Soften(0.2)) == Recipe() | Soften(0.2)


def test_equal_recipes_have_equal_keys_and_hashes():
    one, other = (Recipe() | Soften(0.2) | Linear() for _ in range(2))
    assert one == other
    assert hash(one) == hash(other)
    assert one.key() == other.key()
    assert len(one.key()) == 16
    assert int(one.key(), 16) >= 0


def test_whatever_decides_a_training_is_in_the_key():
    recipes = [
        Recipe(),
        Recipe(batch_size=64),
        Recipe(epochs=11.0),
        Recipe(model=MLP(hidden=(128, 65))),
        Recipe(optimizer=AdamW(weight_decay=0.02)),
        Recipe(optimizer=SGD(learning_rate=1e-3)),
        Recipe(loss=MeanSquaredError()),
        Recipe() | Soften(),
        Recipe() | Soften(0.2),
        Recipe() | Soften() | Sharpen(),
        Recipe() | Sharpen() | Soften(),
    ]
    assert len({recipe.key() for recipe in recipes}) == len(recipes)


def test_a_key_is_the_same_in_another_process():
    program = "from assay.recipe import Recipe; print(Recipe(batch_size=32).key())"
    assert output_of([sys.executable, "-c", program]).strip() == Recipe(batch_size=32).key()


def test_to_dict_is_plain_json_with_the_baseline_and_the_tricks():
    recipe = Recipe(model=MLP(hidden=(8, 4)), batch_size=32) | Drop(0.25)
    values = recipe.to_dict()
    assert json.loads(json.dumps(values)) == values
    assert values["model"] == {"kind": "MLP", "hidden": [8, 4], "dropout": 0.0}
    assert values["tricks"] == [{"kind": "Drop", "share": 0.25}]
    assert (values["batch_size"], values["epochs"]) == (32, 10.0)
    assert values["loss"]["kind"] == "CrossEntropy"


def test_a_part_that_cannot_be_written_down_is_refused():
    def surprise(recipe: Recipe) -> Recipe:
        return recipe

    with pytest.raises(RecipeError, match="cannot be written down; make it a frozen dataclass of plain values"):
        part_to_dict(surprise)
    with pytest.raises(RecipeError, match="cannot be written down"):
        part_to_dict(Soften)
    with pytest.raises(RecipeError, match=r"^tricks=surprise cannot be written down; make it .*:\n\n    @dataclass"):
        (Recipe() | surprise).key()


@pytest.mark.parametrize(("model", "named"), [
    (nn.Sequential(nn.Linear(2, 3), nn.ReLU()), r"Sequential\(\.\.\.\)"), (nn.Linear, "Linear"),
    (lambda: 1, "<lambda>"),
])  # fmt: skip
def test_a_module_is_named_by_its_class_and_told_how_it_is_written(model: object, named: str):
    """Its whole text stood there, over as many lines as it has layers."""
    with pytest.raises(RecipeError, match=f"^model={named} cannot be written down; make it a frozen dataclass") as told:
        part_to_dict(model, "model")
    written = str(told.value).partition(":\n\n")[2]
    place: dict[str, Any] = {"dataclass": dataclass}
    exec(textwrap.dedent(written), place)
    built = place["MyModel"](width=8)
    assert isinstance(built, ModelBuilder)
    assert part_to_dict(built, "model") == {"kind": "MyModel", "width": 8}


@pytest.mark.parametrize("model", [nn.Linear(2, 3), nn.Linear, MLP])
def test_a_model_that_builds_nothing_is_refused_at_once(model: object):
    recipe = Recipe()
    object.__setattr__(recipe, "model", model)  # the type checker of tests would refuse it first
    with pytest.raises(RecipeError, match=r"^model=(Linear|MLP).* cannot be written down; make it a frozen dataclass"):
        recipe.__post_init__()


def test_describe_shows_what_differs_from_the_defaults():
    recipe = Recipe(model=MLP(hidden=(8,)), optimizer=SGD(), batch_size=64, epochs=2.5) | Soften() | Drop(0.2)
    assert (
        recipe.describe()
        == "MLP(hidden=(8,)), SGD(), CrossEntropy(), batch 64, 2.5 epochs | Soften() | Drop(share=0.2)"
    )


def test_describe_rounds_what_a_search_drew_and_leaves_what_a_person_wrote():
    drawn = Adam(learning_rate=0.008528182196921169)
    assert describe_part(drawn) == "Adam(learning_rate=0.008528)"
    assert part_to_dict(drawn)["learning_rate"] == 0.008528182196921169
    assert describe_part(Adam(learning_rate=0.0012345)) == "Adam(learning_rate=0.001234)"
    assert describe_part(Adam(learning_rate=0.99995)) == "Adam(learning_rate=0.99995)"
    assert Recipe(epochs=109.42857142857143).describe().endswith("109.4 epochs")


def test_describe_part_of_a_function_is_its_name():
    def warm(clock: Clock) -> float:
        return 1.0

    assert describe_part(warm) == "warm"
    assert describe_part(CrossEntropy()) == "CrossEntropy()"


@dataclass(frozen=True)
class Other:
    """An optimiser that is a trick."""

    learning_rate: float = 0.5
    weight_decay: float = 0.0

    def __call__(self, recipe: Recipe) -> Recipe:
        return recipe.fill(self, optimizer=self)

    def build(self, groups: Any) -> torch.optim.Optimizer:
        return torch.optim.SGD(groups, lr=self.learning_rate)


def test_the_optimizer_is_changed_where_it_was_chosen():
    base = Recipe(optimizer=SGD(0.1)) | WeightDecay(0.01)
    assert base.own_optimizer == SGD(0.1)
    assert base.change_optimizer(learning_rate=0.2).optimizer == SGD(0.2, weight_decay=0.01)
    stacked = Recipe(optimizer=SGD(0.1)) | Other()
    assert stacked.own_optimizer == Other()
    changed = stacked.change_optimizer(learning_rate=0.2)
    assert changed.optimizer == Other(0.2)
    assert changed.baseline == stacked.baseline


@dataclass(frozen=True)
class Nameless:
    kind: str = "anything"


def test_a_part_with_a_field_called_kind_cannot_be_written_down():
    with pytest.raises(RecipeError, match="Nameless has a field called kind"):
        part_to_dict(Nameless())
