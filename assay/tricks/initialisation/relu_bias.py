"""ReLU bias: units start slightly on, so that most of them pass gradients for most inputs.

    bias = value, of the layer or norm right before an activation

The last layer's bias stays: `OutputBiasInit` sets it.

Source: Goodfellow et al. 2016, section 6.3 (0.1).
Measured: no figure read by us.
Hurts: no case read by us; there is little to gain behind a norm, which has half the units on from the start.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import pairwise

from torch import nn

from assay.data.specification import Specification
from assay.edit_order import at
from assay.errors import InputError
from assay.models.abilities import has_activations
from assay.models.activations import ACTIVATIONS
from assay.recipe import Recipe
from assay.tricks.arguments import require_range


def biases_before_activations(model: nn.Module) -> list[nn.Parameter]:
    """The bias of every layer or norm that an activation follows in a `Sequential`.

    Raises:
        InputError: there are none.
    """
    biases = [
        bias
        for sequence in model.modules()
        if isinstance(sequence, nn.Sequential)
        for first, second in pairwise(sequence)
        if isinstance(second, ACTIVATIONS)
        and isinstance(bias := getattr(last_layer(first), "bias", None), nn.Parameter)
    ]
    if not biases:
        raise InputError(
            f"model must have an nn.Sequential in which an activation follows a layer with a bias, got "
            f"{type(model).__name__} without any; take ReluBias out of the recipe"
        )
    return biases


def last_layer(module: nn.Module) -> nn.Module:
    """The layer whose outputs it gives: the last one of a `Sequential`, such as a layer with its norm."""
    while isinstance(module, nn.Sequential) and len(module):
        module = module[-1]
    return module


def start_on(model: nn.Module, specification: Specification, *, value: float) -> nn.Module:
    """Model edit: set the biases before activations, in place."""
    for bias in biases_before_activations(model):
        nn.init.constant_(bias, value)
    return model


@dataclass(frozen=True)
class ReluBias:
    """Set the biases before activations. value: at least 0; usual 0.1, and 0 where layers start without a bias."""

    value: float = 0.1

    def __post_init__(self) -> None:
        require_range("value", self.value, 0.0, usual="0.1 is usual")

    def __call__(self, recipe: Recipe) -> Recipe:
        recipe.require(has_activations(recipe.model), self, "a network whose activations are layers")
        return recipe.claim(self, "first biases").add(model_edits=at("biases", partial(start_on, value=self.value)))
