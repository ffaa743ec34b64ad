"""Weight standardisation: every filter of a convolution has mean 0 and deviation 1 at each use.

    weight = (trained - mean) / (deviation + eps)       over each output channel's own values

Its gradient is centred and scaled with it. Norms after the convolution set the scale of the outputs; with group
norm it does at batches of a few what batch norm does at large ones.

Also: WS.
Source: Qiao et al. 2019 (arXiv:1903.10520); eps 1e-5 as in its code.
Measured: no figure read by us.
Hurts: convolutions without a norm behind them, whose outputs grow with the root of the values a filter has;
tricks that set sizes of weights would have no effect, and are refused.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from assay.data.specification import Specification
from assay.edit_order import at
from assay.models.abilities import has_maps
from assay.models.weight_reshaping import CONVOLUTIONS, reshape_weight, weighted_layers
from assay.recipe import Recipe
from assay.tricks.arguments import require_range
from assay.tricks.stored_weights import claim_weight_norm


def standardise_filters(weight: Float[Tensor, "filters ..."], *, eps: float) -> Float[Tensor, "filters ..."]:
    """Each filter with mean 0 and (unbiased) deviation 1, but for eps; a filter of one value stays."""
    if weight[0].numel() < 2:
        return weight
    over = tuple(range(1, weight.dim()))
    deviation, mean = torch.std_mean(weight, dim=over, keepdim=True)
    return (weight - mean) / (deviation + eps)


class Standardised(nn.Module):
    """`standardise_filters` as a parametrisation."""

    def __init__(self, eps: float) -> None:
        super().__init__()
        self.eps = eps

    def forward(self, weight: Tensor) -> Tensor:
        return standardise_filters(weight, eps=self.eps)


@dataclass(frozen=True)
class WeightStandardisation:
    """Standardise the filters of every convolution. eps: added to the deviation."""

    eps: float = 1e-5

    def __post_init__(self) -> None:
        require_range("eps", self.eps, 0.0, usual="1e-5 is usual")

    def __call__(self, recipe: Recipe) -> Recipe:
        recipe.require(has_maps(recipe.model), self, "a network with convolutions")
        return claim_weight_norm(recipe, self).add(model_edits=at("computed weights", self.edit))

    def edit(self, model: nn.Module, specification: Specification) -> nn.Module:
        """Model edit: every convolution standardises its weight."""
        for module in weighted_layers(model, CONVOLUTIONS, "WeightStandardisation"):
            reshape_weight(module, Standardised(self.eps))
        return model
