from dataclasses import dataclass
from itertools import permutations

from torch import nn

from assay.data.specification import Specification
from assay.edit_order import at, in_order, phase_of
from assay.recipe import Recipe
from assay.slots import NamedEdit


def leave(model: nn.Module, specification: Specification) -> nn.Module:
    return model


def test_edits_act_by_phase_then_name_and_those_of_no_phase_with_the_layers():
    edits = [
        NamedEdit("Zebra", at("norms", leave)),
        NamedEdit("Ape", at("answers", leave)),
        NamedEdit("Own", leave),
        NamedEdit("Cat", at("layers", leave)),
        NamedEdit("Bee", at("biases", leave)),
        NamedEdit("Dog", at("weights", leave)),
    ]
    expected = ["Zebra", "Dog", "Bee", "Cat", "Own", "Ape"]
    for order in permutations(edits):
        assert [edit.by for edit in in_order(order)] == expected
    assert phase_of(leave) == "layers"


def test_an_edit_in_a_phase_is_the_edit(tiny_images):
    model = nn.Linear(2, 2)
    assert at("norms", leave)(model, tiny_images.specification) is model


@dataclass(frozen=True)
class First:
    def __call__(self, recipe: Recipe) -> Recipe:
        return recipe.add(model_edits=at("norms", leave), calibrations=at("sizes of weights", leave))


@dataclass(frozen=True)
class Second:
    def __call__(self, recipe: Recipe) -> Recipe:
        return recipe.add(model_edits=at("weights", leave), calibrations=at("fit to inputs", leave))


@dataclass(frozen=True)
class Third:
    """A trick of one's own that names no phase, and two edits of one that does."""

    def __call__(self, recipe: Recipe) -> Recipe:
        return recipe.add(model_edits=leave).add(model_edits=at("activations", leave))


def test_a_recipe_holds_its_edits_in_the_order_in_which_they_act():
    tricks, seen = [First(), Second(), Third()], set()
    for order in permutations(tricks):
        recipe = Recipe() | order[0] | order[1] | order[2]
        seen.add((tuple(edit.by for edit in recipe.model_edits), tuple(edit.by for edit in recipe.calibrations)))
    assert seen == {(("First", "Third", "Second", "Third"), ("Second", "First"))}
