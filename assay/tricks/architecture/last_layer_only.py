"""Last layer only: train the last linear layer on features of random weights, to rank architectures fast.

    every parameter but the last linear layer's keeps its first value

Networks that do well so tend to do well trained whole, so candidates are compared at a part of the cost.
Statistics of batch norms still follow the data. Layers that other tricks add keep their first values too, wherever
those tricks stand in the stack.

Source: Goodfellow et al. 2016, section 9.9, after Saxe et al. 2011 and Jarrett et al. 2009.
Measured: no figure read by us.
Hurts: accuracy, always: it ranks networks, it does not train them.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn

from assay.data.specification import Specification
from assay.edit_order import at
from assay.errors import InputError
from assay.recipe import Recipe


def freeze_all_but_last(model: nn.Module, specification: Specification) -> nn.Module:
    """Model edit: only the last linear layer goes on learning.

    Raises:
        InputError: the model has no linear layer.
    """
    linears = [module for module in model.modules() if isinstance(module, nn.Linear)]
    if not linears:
        raise InputError(
            f"model must end in a linear layer, got {type(model).__name__} without one; take LastLayerOnly out"
        )
    model.requires_grad_(False)
    linears[-1].requires_grad_(True)
    return model


@dataclass(frozen=True)
class LastLayerOnly:
    """Leave every layer but the last as it was drawn."""

    def __call__(self, recipe: Recipe) -> Recipe:
        return recipe.add(model_edits=at("trained parameters", freeze_all_but_last))
