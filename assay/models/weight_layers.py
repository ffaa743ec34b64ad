"""The weights of a network that an initialisation may draw, each with its fans, and its hidden biases.

    fan_in   inputs that one output sums:   in channels / groups * kernel positions
    fan_out  outputs that one input reaches: out channels / groups * kernel positions

Recurrent layers give the weights from their inputs, gate by gate; those from state to state are left to
initialisations made for them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrize import is_parametrized

from assay.data.specification import Specification
from assay.errors import InputError

TRANSPOSED = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)
CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d, *TRANSPOSED)
WEIGHT_LAYERS = (nn.Linear, *CONVOLUTIONS)


class FannedWeight(NamedTuple):
    """One weight, or the part of it that makes one gate: (out, in, ...), or (in, out, ...) if transposed."""

    values: Tensor
    fan_in: int
    fan_out: int


Draw = Callable[[FannedWeight], None]
"""Fills `values` in place, from torch's global state."""


def stored_weight(layer: nn.Module) -> Tensor:
    """The parameter behind a layer's weight, also where a parametrisation computes the weight from it."""
    if is_parametrized(layer, "weight"):
        return layer.parametrizations["weight"].original  # type: ignore[index]  # pyright: ignore
    return layer.weight  # pyright: ignore[reportReturnType]


def fanned_weights(model: nn.Module) -> Iterator[FannedWeight]:
    """Every weight of linear, convolutional and recurrent layers, each once, in the model's order."""
    seen: set[int] = set()
    for layer in model.modules():
        if isinstance(layer, WEIGHT_LAYERS):
            weight = stored_weight(layer)
            if id(weight) not in seen:
                seen.add(id(weight))
                yield FannedWeight(weight, *fans(layer))
        elif isinstance(layer, nn.RNNBase):
            for name, weight in layer.named_parameters():
                if name.startswith("weight_ih"):
                    yield from (FannedWeight(gate, gate.shape[1], gate.shape[0])
                                for gate in weight.split(layer.hidden_size))  # fmt: skip


def fans(layer: nn.Module) -> tuple[int, int]:
    """(fan_in, fan_out) of a linear or convolutional layer."""
    shape = stored_weight(layer).shape
    positions, groups = math.prod(shape[2:]), getattr(layer, "groups", 1)
    if isinstance(layer, TRANSPOSED):
        return shape[0] // groups * positions, shape[1] * positions
    return shape[1] * positions, shape[0] // groups * positions


@torch.no_grad()
def draw_weights(model: nn.Module, draw: Draw) -> int:
    """Fill every weight in place; biases and norms stay.

    Returns:
        how many weights were drawn.
    Raises:
        InputError: the model has no layer with weights.
    """
    weights = list(fanned_weights(model))
    if not weights:
        raise InputError(
            f"model must have linear, convolutional or recurrent layers, got {type(model).__name__} without any; "
            "take the trick that draws first weights out"
        )
    for weight in weights:
        draw(weight)
    return len(weights)


def weight_edit(draw: Draw) -> Callable[[nn.Module, Specification], nn.Module]:
    """`draw_weights` as a model edit."""
    return partial(_edit, draw=draw)


def hidden_biases(model: nn.Module) -> list[Tensor]:
    """The biases of linear and convolutional layers but the last: what the outputs start from is another matter.

    Raises:
        InputError: there are none.
    """
    layers = [module for module in model.modules() if isinstance(module, WEIGHT_LAYERS)]
    biases: list[Tensor] = [layer.bias for layer in layers[:-1] if layer.bias is not None]
    if not biases:
        raise InputError(
            f"model must have hidden layers with a bias, got {type(model).__name__} without any; "
            "take the trick that sets hidden biases out"
        )
    return biases


def _edit(model: nn.Module, specification: Specification, *, draw: Draw) -> nn.Module:
    draw_weights(model, draw)
    return model
