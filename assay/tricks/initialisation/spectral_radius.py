"""Spectral radius: few strong connections from state to state, of such a size that signals last.

    each unit hears `connections` units, drawn at random, with weights ~ N(0, 1)
    weight <- weight * radius / max(|eigenvalues of weight|)

A radius above 1 lets signals grow; tanh keeps them bounded.

Source: Sutskever et al. 2013, "On the importance of initialization and momentum in deep learning"; 15
connections: Martens 2010; Goodfellow et al. 2016, section 10.8 (1.2).
Measured: no figure read by us.
Hurts: no case read by us; long sequences under a large radius start with exploding gradients, so clip them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import torch
from jaxtyping import Float
from torch import Tensor, nn

from assay.data.specification import Specification
from assay.edit_order import at
from assay.models.recurrent import Recurrent
from assay.recipe import Recipe
from assay.tricks.arguments import require_finite_above_zero


def sparse_weights(width: int, *, connections: int, radius: float) -> Float[Tensor, "width width"]:
    """Weights from state to state with `connections` non-zero in each row, drawn from torch's global state."""
    heard = torch.rand(width, width).topk(connections, dim=1).indices
    weights = torch.zeros(width, width).scatter_(1, heard, torch.randn(width, connections))
    return weights * (radius / torch.linalg.eigvals(weights).abs().max())


def connect_sparsely(
    model: nn.Module, specification: Specification, *, connections: int, radius: float
) -> nn.Module:  # fmt: skip
    """Model edit: draw every recurrent layer's weights from state to state, in place."""
    for module in model.modules():
        if isinstance(module, nn.RNNBase):
            for name, weight in module.named_parameters():
                if name.startswith("weight_hh"):
                    drawn = sparse_weights(module.hidden_size, connections=connections, radius=radius)
                    with torch.no_grad():
                        weight.copy_(drawn)
    return model


@dataclass(frozen=True)
class SpectralRadius:
    """Draw sparse weights from state to state.

    radius: above 0; usual 1.2; connections: units that each unit hears, usual 15.
    """

    radius: float = 1.2
    connections: int = 15

    def __post_init__(self) -> None:
        require_finite_above_zero("radius", self.radius, usual="the usual value is 1.2")
        if self.connections < 1:
            raise ValueError(f"connections must be at least 1, got {self.connections}; the usual value is 15")

    def __call__(self, recipe: Recipe) -> Recipe:
        model = recipe.model
        recipe.require(isinstance(model, Recurrent) and model.cell == "rnn", self, "a Recurrent network of rnn cells")
        assert isinstance(model, Recurrent)
        recipe.require(model.width >= self.connections, self, f"a width of at least its {self.connections} connections")
        edit = partial(connect_sparsely, connections=self.connections, radius=self.radius)
        return recipe.claim(self, "weights from state to state").add(model_edits=at("weights", edit))
