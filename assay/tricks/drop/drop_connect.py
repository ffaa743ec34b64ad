"""DropConnect: weights of linear layers are set to 0 at random, where dropout sets their inputs to 0.

    training    outputs = inputs (weight * keep / (1 - probability))^T + bias,  keep ~ Bernoulli(1 - probability)
    evaluation  outputs = inputs weight^T + bias

One draw serves the whole batch; the paper draws anew for each example.

Source: Wan et al. 2013, "Regularization of Neural Networks using DropConnect" (ICML), section 3.
Measured: no figure read by us.
Hurts: networks whose only linear layer is the last one: there are few weights to drop.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.utils import parametrize

from assay.data.specification import Specification
from assay.edit_order import at
from assay.errors import InputError
from assay.recipe import Recipe
from assay.tricks.arguments import require_below_one


class DropConnectLinear(nn.Linear):
    """A linear layer, with the parameters of the one it is made of, that drops weights while it trains."""

    def __init__(self, linear: nn.Linear, probability: float) -> None:
        nn.Module.__init__(self)
        self.in_features, self.out_features = linear.in_features, linear.out_features
        self.weight, self.bias = linear.weight, linear.bias
        self.probability = probability

    def forward(self, input: Float[Tensor, "*batch features"]) -> Float[Tensor, "*batch outputs"]:
        return F.linear(input, F.dropout(self.weight, self.probability, self.training), self.bias)


def drop_weights(model: nn.Module, specification: Specification, *, probability: float) -> nn.Module:
    """Model edit: replace every linear layer inside the model; parameters and their names stay.

    Raises:
        InputError: the model has none.
    """
    found = [(parent, name, part) for parent in model.modules() for name, part in parent.named_children()
             if isinstance(part, nn.Linear)]  # fmt: skip
    if not found:
        raise InputError(
            f"model must have linear layers inside it, got {type(model).__name__} without any; take DropConnect out"
        )
    for parent, name, linear in found:
        if parametrize.is_parametrized(linear, "weight"):
            # Its weight is computed, by spectral norm say: what comes out of that is dropped.
            parametrize.register_parametrization(linear, "weight", nn.Dropout(probability))
        else:
            setattr(parent, name, DropConnectLinear(linear, probability))
    return model


@dataclass(frozen=True)
class DropConnect:
    """Drop weights of linear layers. probability: of each, in [0, 1); usual 0.5 in wide layers, and 0 is off."""

    probability: float = 0.5

    def __post_init__(self) -> None:
        require_below_one("probability", self.probability, usual="0.5 is usual, and 0 turns it off")

    def __call__(self, recipe: Recipe) -> Recipe:
        if not self.probability:
            return recipe
        return recipe.add(model_edits=at("layers", partial(drop_weights, probability=self.probability)))
