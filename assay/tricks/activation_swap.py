"""What every trick that swaps activations does to a recipe."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from torch import nn

from assay.data.specification import Specification
from assay.edit_order import at
from assay.models.abilities import has_activations
from assay.models.activations import swap_activation
from assay.recipe import Recipe, Trick


def swap_activations(recipe: Recipe, by: Trick, make: Callable[[], nn.Module]) -> Recipe:
    """For tricks: `make()` in the place of every activation.

    Raises:
        RecipeError: another trick sets the activation, or the network has none.
    """
    recipe.require(has_activations(recipe.model), by, "a network whose activations are layers, such as ConvNet or MLP")
    return recipe.claim(by, "activation").add(model_edits=at("activations", partial(_swap, make=make)))


def _swap(model: nn.Module, specification: Specification, *, make: Callable[[], nn.Module]) -> nn.Module:
    return swap_activation(model, make)
