"""What every trick that swaps norms does to a recipe."""

from __future__ import annotations

from torch import nn

from assay.data.specification import Specification
from assay.edit_order import at
from assay.models.abilities import has_maps
from assay.models.norms import swap_norm
from assay.models.residual_block import NormLayer
from assay.recipe import Recipe, Trick


def swap_norms(recipe: Recipe, by: Trick, make: NormLayer, *, keep: tuple[type[nn.Module], ...] = ()) -> Recipe:
    """For tricks: `make(channels)` in the place of every norm but those of the classes to keep.

    Raises:
        RecipeError: another trick sets the norm, or the network has none.
    """
    recipe.require(has_maps(recipe.model), by, "a network with norms")

    def swap(model: nn.Module, specification: Specification) -> nn.Module:
        return swap_norm(model, make, keep=keep)

    return recipe.claim(by, "norm").add(model_edits=at("norms", swap))
