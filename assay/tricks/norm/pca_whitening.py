"""PCA whitening: inputs become their principal components, each of variance 1, the strongest first.

    outputs = diag(1 / sqrt(eigenvalues + eps)) U' (inputs - mean)       covariance = U diag(eigenvalues) U'

A frozen first layer, fitted once on the first batch and saved with the network; the covariance of so few
examples is drawn towards the identity by Ledoit and Wolf's share (`shrink`). Outputs keep the inputs' shape, not
their meaning: the first value is the first component. Signs are chosen so that a component's largest entry
is positive.

Defaults: eps 1e-5, of standardised inputs; at most 4096 values an input, all of one size.

Source: Wei 2015, "Must know tips/tricks in deep neural networks"; Ledoit & Wolf 2004.
Measured: no figure read by us.
Hurts: convolutions, for components have no neighbours (use ZCAWhitening); batches of far fewer examples than an
input has values; averages and checkpoints copy values squared numbers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial

from torch import nn

from assay.data.specification import Specification
from assay.edit_order import at
from assay.models.input_layers import prepare_inputs
from assay.models.whitening import Whitening, fit_whitening
from assay.recipe import Recipe
from assay.tricks.arguments import require_range


def add_components(model: nn.Module, specification: Specification) -> nn.Module:
    """Model edit: a whitening layer in front, not fitted yet."""
    return prepare_inputs(model, Whitening(math.prod(specification.input_shape)))


@dataclass(frozen=True)
class PCAWhitening:
    """Turn inputs to whitened components. eps: added to variances; shrink: draw the covariance to the identity."""

    eps: float = 1e-5
    shrink: bool = True

    def __post_init__(self) -> None:
        require_range("eps", self.eps, 0.0, usual="1e-5 is usual")

    def __call__(self, recipe: Recipe) -> Recipe:
        fit = partial(fit_whitening, form="pca", eps=self.eps, shrink=self.shrink)
        return recipe.claim(self, "whitening", "resolution").add(
            model_edits=at("whitening of inputs", add_components), calibrations=at("fit to inputs", fit)
        )
