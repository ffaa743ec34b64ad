"""ZCA whitening: pixels made uncorrelated and of variance 1 while the image still looks like itself.

    outputs = U diag(1 / sqrt(eigenvalues + eps)) U' (inputs - mean)       covariance = U diag(eigenvalues) U'

A frozen first layer, fitted once on the first batch and saved with the network. The first batch is all it is
fitted on, so its covariance is drawn towards the identity by Ledoit and Wolf's share (`shrink`): without that,
directions in which its examples do not differ would be enlarged up to 1 / sqrt(eps) times. It acts after
GlobalContrastNorm and its like, wherever they stand in the stack.

Defaults: eps 1e-5, of standardised inputs; at most 4096 values an input, all of one size.

Source: Krizhevsky 2009, "Learning multiple layers of features", appendix A; eps: Wei 2015, "Must know tips/tricks in
deep neural networks"; Ledoit & Wolf 2004.
Measured: no figure read by us.
Hurts: batches of far fewer examples than an input has values; averages and checkpoints copy values squared numbers.
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


def add_whitening(model: nn.Module, specification: Specification) -> nn.Module:
    """Model edit: a whitening layer in front, not fitted yet."""
    return prepare_inputs(model, Whitening(math.prod(specification.input_shape)))


@dataclass(frozen=True)
class ZCAWhitening:
    """Whiten inputs, moving them least. eps: added to variances; shrink: draw the covariance to the identity."""

    eps: float = 1e-5
    shrink: bool = True

    def __post_init__(self) -> None:
        require_range("eps", self.eps, 0.0, usual="1e-5 is usual")

    def __call__(self, recipe: Recipe) -> Recipe:
        fit = partial(fit_whitening, form="zca", eps=self.eps, shrink=self.shrink)
        return recipe.claim(self, "whitening", "resolution").add(
            model_edits=at("whitening of inputs", add_whitening), calibrations=at("fit to inputs", fit)
        )
