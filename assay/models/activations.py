"""Activation functions that PyTorch lacks, and the swap of a network's activations for others.

    NoisyRectifier      max(0, x + scale * sqrt(sigmoid(x)) * N(0, 1)) in training, max(0, x) in evaluation
    RandomizedRectifier x where x >= 0, else x / a; a ~ U(low, high) in training, (low + high) / 2 in evaluation
    SwishLayer          x * sigmoid(beta * x)

Source: Nair & Hinton 2010; Xu et al. 2015 (arXiv:1505.00853); Ramachandran et al. 2017 (arXiv:1710.05941).
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor, nn

from assay.errors import InputError


class NoisyRectifier(nn.Module):
    """A ReLU whose inputs carry noise in training, of variance sigmoid(x): certain units stay quiet when off.

    The noise is drawn from torch's global state; its deviation takes no gradient.
    """

    def __init__(self, scale: float) -> None:
        super().__init__()
        self.scale = scale

    def forward(self, inputs: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        if self.training and self.scale:
            deviation = self.scale * inputs.detach().sigmoid().sqrt()
            inputs = inputs + deviation * torch.randn_like(inputs)
        return inputs.relu()


class RandomizedRectifier(nn.Module):
    """A leaky ReLU whose slope 1 / a is drawn anew for each value in training, from torch's global state.

    `torch.nn.RReLU` draws the slope itself uniformly, which is another distribution with another mean.
    """

    def __init__(self, low: float, high: float) -> None:
        super().__init__()
        self.low, self.high = low, high

    def forward(self, inputs: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        if self.training:
            divisor = torch.rand_like(inputs) * (self.high - self.low) + self.low
            return torch.where(inputs >= 0, inputs, inputs / divisor)
        return nn.functional.leaky_relu(inputs, 2.0 / (self.low + self.high))


class SwishLayer(nn.Module):
    """x * sigmoid(beta * x)."""

    def __init__(self, beta: float) -> None:
        super().__init__()
        self.beta = beta

    def forward(self, inputs: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        return inputs * torch.sigmoid(self.beta * inputs)


ACTIVATIONS: tuple[type[nn.Module], ...] = (
    *(nn.ReLU, nn.ReLU6, nn.LeakyReLU, nn.PReLU, nn.RReLU, nn.ELU, nn.CELU, nn.SELU, nn.GELU, nn.SiLU, nn.Mish),
    *(nn.Softplus, nn.Softshrink, nn.Hardshrink, nn.Hardswish),
    *(NoisyRectifier, RandomizedRectifier, SwishLayer),
)
"""What a swap replaces. Sigmoid and tanh are not here: they are gates and output scales more often than not."""


def find_activations(
    model: nn.Module, kinds: tuple[type[nn.Module], ...] = ACTIVATIONS
) -> list[tuple[nn.Module, str, nn.Module]]:
    """(owner, name inside it, activation) of every place in the model that holds one, in order.

    A function called inside `forward` is no module and is not found.
    """
    return [
        (owner, name, child)
        for owner in model.modules()
        for name, child in owner._modules.items()
        if isinstance(child, kinds)
    ]


def swap_activation(
    model: nn.Module, make: Callable[[], nn.Module], *, kinds: tuple[type[nn.Module], ...] = ACTIVATIONS
) -> nn.Module:
    """The same model with every activation replaced; one that is used in several places stays one.

    `len(find_activations(model))` places change.

    Args:
        make: makes one new activation, in the mode (training or evaluation) of a fresh module.
        kinds: the classes to replace.
    Raises:
        InputError: the model has no activation that is a module.
    """
    if isinstance(model, kinds):
        return make().train(model.training)
    places = find_activations(model, kinds)
    if not places:
        raise InputError(
            f"model must have activations that are modules, such as nn.ReLU, got {type(model).__name__} without any; "
            "functions called in forward cannot be replaced, so make them modules"
        )
    made: dict[int, nn.Module] = {}
    for owner, name, old in places:
        if id(old) not in made:
            made[id(old)] = make().train(old.training)
        setattr(owner, name, made[id(old)])
    return model
