"""Spectral norm: no layer stretches any input by more than 1, so the network cannot change abruptly.

    weight = trained / sigma       sigma = the largest singular value of the weight as a matrix (out, all else)

sigma is followed by `iterations` power iterations at each training pass, from vectors in buffers; in evaluation
they stand still. Torch's parametrisation, on every convolution and linear layer.

Source: Miyato et al. 2018 (arXiv:1802.05957), section 2.1 and algorithm 1.
Measured: no figure read by us; it was made for the critics of generative adversarial networks.
Hurts: classifiers that need large weights to be sure; a layer whose weights are all 0 has no direction and is
refused, and so are tricks beside it that set sizes of weights.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn
from torch.nn.utils import parametrizations, parametrize

from assay.data.specification import Specification
from assay.edit_order import at
from assay.errors import InputError
from assay.models.weight_reshaping import CONVOLUTIONS, InFullPrecision, weighted_layers
from assay.recipe import Recipe
from assay.tricks.arguments import require_range
from assay.tricks.stored_weights import claim_weight_norm


def bound_layer(module: nn.Module, *, iterations: int, eps: float) -> None:
    """Divide the layer's weight by its spectral norm, from now on."""
    assert isinstance(module.weight, nn.Parameter)
    if not module.weight.any():
        raise InputError(
            f"SpectralNorm needs weights that are not all 0, got a {type(module).__name__} of zeros; "
            "take out the trick that starts it at 0, or SpectralNorm"
        )
    parametrizations.spectral_norm(module, "weight", n_power_iterations=iterations, eps=eps)
    chain = module.parametrizations.weight  # pyright: ignore[reportAttributeAccessIssue]
    assert isinstance(chain, parametrize.ParametrizationList)
    chain[-1] = InFullPrecision(chain[-1])


@dataclass(frozen=True)
class SpectralNorm:
    """Divide every weight by its largest singular value. iterations: power iterations a pass; eps: of their lengths."""

    iterations: int = 1
    eps: float = 1e-12

    def __post_init__(self) -> None:
        require_range("iterations", self.iterations, 1, usual="1 is usual")
        require_range("eps", self.eps, 0.0, usual="1e-12 is usual")

    def __call__(self, recipe: Recipe) -> Recipe:
        return claim_weight_norm(recipe, self).add(model_edits=at("computed weights", self.edit))

    def edit(self, model: nn.Module, specification: Specification) -> nn.Module:
        """Model edit: every convolution and linear layer is bounded."""
        for module in weighted_layers(model, (*CONVOLUTIONS, nn.Linear), "SpectralNorm"):
            bound_layer(module, iterations=self.iterations, eps=self.eps)
        return model
