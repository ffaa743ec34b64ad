"""Gradient penalty: the loss must not change fast with the inputs, so small changes of an image change little.

    penalty = strength * mean over examples of ||d loss_i / d inputs_i||^2 / 2

The loss is cross entropy, or the squared error in regression; beside tricks that set another it is refused. In
training every input asks for its gradient.

Source: Drucker & LeCun 1992, "Improving generalization performance using double backpropagation".
Measured: no figure read by us.
Hurts: time: it is differentiated twice, about one more forward and backward pass. Not under torch.compile, which
cannot differentiate twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from assay.data.specification import Specification
from assay.edit_order import at
from assay.losses import LossFunction, loss_for
from assay.recipe import Recipe
from assay.tricks.arguments import require_range


def ask_for_input_gradients(module: nn.Module, arguments: tuple[Any, ...]) -> tuple[Tensor]:
    """Forward pre-hook: in training the graph begins at the inputs, and the module keeps them until they are asked for.

    They are the inputs of the whole network, before all that other tricks put in front; a mix of examples is one.
    """
    inputs = arguments[0]
    if module.training and torch.is_grad_enabled():
        inputs = inputs if inputs.requires_grad else inputs.detach().requires_grad_()
        module.seen_inputs = inputs
    return (inputs,)


def differentiate_inputs(model: nn.Module, specification: Specification) -> nn.Module:
    """Model edit: put the hook on the network."""
    model.register_forward_pre_hook(ask_for_input_gradients)
    return model


def penalise_input_gradients(
    model: nn.Module, inputs: Tensor, outputs: Tensor, targets: Tensor, *, strength: float, loss: LossFunction
) -> Tensor:
    """Half the squared norm of each example's input gradient, averaged."""
    hooked = next(module for module in model.modules() if hasattr(module, "seen_inputs"))
    seen = hooked.__dict__.pop("seen_inputs")
    # Summed, because each example's loss depends on its own inputs (but for batch norm's statistics).
    (slopes,) = torch.autograd.grad(loss(outputs, targets, reduction="none").sum(), seen, create_graph=True)
    return strength * 0.5 * slopes.flatten(1).square().sum(1).mean()


@dataclass(frozen=True)
class GradientPenalty:
    """Add half the squared input gradient. strength: usual 0.01 to 1, and 0 turns it off."""

    strength: float = 0.1

    def __post_init__(self) -> None:
        require_range("strength", self.strength, 0.0, usual="0.1 is usual, and 0 turns it off")

    def __call__(self, recipe: Recipe) -> Recipe:
        if self.strength == 0.0:
            return recipe
        loss = loss_for(recipe.task)
        # The slot is filled with what it holds, so that no later trick puts another loss than the one penalised here.
        recipe = recipe.fill(self, loss=recipe.loss)
        recipe.require(recipe.loss == loss, self, f"the loss {loss}")
        penalty = partial(penalise_input_gradients, strength=self.strength, loss=loss)
        return recipe.add(model_edits=at("gradients of inputs", differentiate_inputs), penalties=penalty)
