"""The network of a recipe: what its builder makes, and its model edits make of that."""

from __future__ import annotations

from torch import nn

from assay.data.specification import Specification
from assay.randomness import scoped_seed
from assay.recipe import Recipe


def build_model(recipe: Recipe, specification: Specification, *, seed: int) -> nn.Module:
    """The recipe's network with its model edits; the same seed gives the same weights."""
    with scoped_seed(seed, "model"):
        model = recipe.model.build(specification.input_shape, specification.num_outputs)
        for edit in recipe.model_edits:
            model = edit(model, specification)
    return model
