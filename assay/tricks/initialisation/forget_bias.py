"""Forget bias: an LSTM starts by remembering, so that gradients reach back from the first step on.

    forget = sigmoid(... + bias),  bias = value

PyTorch adds two biases in each gate: the one of the inputs gets the value, the one of the state 0.

Source: Jozefowicz et al. 2015, "An empirical exploration of recurrent network architectures"; Goodfellow et al.
2016, section 10.10.1.
Measured: no figure read by us.
Hurts: no case read by us; sequences in which nothing is worth remembering have to learn to forget.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import torch
from torch import nn

from assay.data.specification import Specification
from assay.edit_order import at
from assay.models.recurrent import Recurrent
from assay.recipe import Recipe
from assay.tricks.arguments import require_range

FORGET_GATE = 1
"""PyTorch's order of an LSTM's gates: input, forget, cell, output."""


@torch.no_grad()
def set_forget_bias(layer: nn.LSTM, value: float) -> None:
    """Set the bias of every forget gate, in place."""
    for name, bias in layer.named_parameters():
        if name.startswith("bias"):
            gate = bias[FORGET_GATE * layer.hidden_size : (FORGET_GATE + 1) * layer.hidden_size]
            gate.fill_(value if name.startswith("bias_ih") else 0.0)


def start_remembering(model: nn.Module, specification: Specification, *, value: float) -> nn.Module:
    """`set_forget_bias` as a model edit."""
    for module in model.modules():
        if isinstance(module, nn.LSTM):
            set_forget_bias(module, value)
    return model


@dataclass(frozen=True)
class ForgetBias:
    """Set the bias of an LSTM's forget gates. value: at least 0; usual 1."""

    value: float = 1.0

    def __post_init__(self) -> None:
        require_range("value", self.value, 0.0, usual="1 is usual")

    def __call__(self, recipe: Recipe) -> Recipe:
        model = recipe.model
        recipe.require(isinstance(model, Recurrent) and model.cell == "lstm", self, "a Recurrent network of LSTM cells")
        return recipe.add(model_edits=at("biases", partial(start_remembering, value=self.value)))
