"""Layer-sequential initialisation: orthonormal weights, each layer then scaled on a batch to outputs of variance 1.

    weight <- orthonormal rows (or columns, whichever are fewer)
    weight <- weight / deviation(weight * inputs),  layer by layer, in the order in which the batch meets them

What a layer adds to it, its bias, is left out of the deviation: sums of inputs are linear in the weight, so one
pass scales all layers exactly. The batch is the training's first, seen as in training (batch norm by its own
statistics, which are put back after). A layer whose outputs are all equal is left as it is.

Also: LSUV, layer-sequential unit-variance initialisation.
Source: Mishkin & Matas 2015 (arXiv:1511.06422), algorithm 1; Goodfellow et al. 2016, section 8.4, on choosing scales by
one minibatch.
Measured: no figure read by us.
Hurts: no case read by us; before a norm, which divides the scale out again, there is little to gain; a first
batch unlike the others. Refused beside norms on weights, which take their scale out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from assay.edit_order import at
from assay.models.weight_layers import WEIGHT_LAYERS, FannedWeight, stored_weight, weight_edit
from assay.recipe import Recipe


def draw_orthonormal(weight: FannedWeight) -> None:
    """Fill one weight in place: the shorter side of its matrix is orthonormal."""
    # PyTorch's fills a view, which weights in channels-last order cannot give.
    weight.values.copy_(nn.init.orthogonal_(torch.empty(weight.values.shape)))


@torch.no_grad()
def scale_to_unit_variance(model: nn.Module, inputs: Tensor) -> None:
    """Calibration: scale every linear and convolutional layer's weight in place; nothing else changes."""
    seen: set[int] = set()
    hooks = [
        module.register_forward_hook(scaling(seen)) for module in model.modules() if isinstance(module, WEIGHT_LAYERS)
    ]
    buffers = {name: buffer.clone() for name, buffer in model.named_buffers()}
    training = model.training
    try:
        model.train()(inputs)
    finally:
        model.train(training)
        for hook in hooks:
            hook.remove()
        for name, buffer in model.named_buffers():
            buffer.copy_(buffers[name])


def scaling(seen: set[int]) -> Callable[[nn.Module, tuple[Tensor, ...], Tensor], Tensor]:
    """A hook that scales a layer when it first runs, and hands on the outputs of the scaled one."""

    def scale(layer: nn.Module, inputs: tuple[Tensor, ...], outputs: Tensor) -> Tensor:
        weight = stored_weight(layer)
        if id(weight) in seen:
            return outputs
        seen.add(id(weight))
        bias = getattr(layer, "bias", None)
        shift = torch.zeros(()) if bias is None else bias.view(-1, *[1] * (weight.dim() - 2))
        shift = shift.to(outputs)
        deviation = (outputs - shift).std()
        if not deviation > 0.0:
            return outputs
        weight.div_(deviation)
        return (outputs - shift) / deviation + shift

    return scale


@dataclass(frozen=True)
class LayerSequentialInit:
    """Draw orthonormal weights, and scale them on the first batch."""

    def __call__(self, recipe: Recipe) -> Recipe:
        changed = recipe.claim(self, "first weights", "first sizes of weights")
        return changed.add(
            model_edits=at("weights", weight_edit(draw_orthonormal)),
            calibrations=at("sizes of weights", scale_to_unit_variance),
        )
