"""Fixup: residual networks without norms, started so that no branch moves the outputs too far at once.

    classifier, and the last convolution of each branch = 0
    other weights ~ N(0, 2 / fan_in); in branches of m convolutions, * blocks ^ (-1 / (2 m - 2))
    norms are taken out; a scalar bias (0) comes before each convolution but the first, each linear layer and each
    activation a norm stood before; a scalar multiplier (1) ends each branch
    scalars, and other biases, learn at learning_rate / 10

Source: Zhang et al. 2019 (arXiv:1901.09321), section 3; a tenth of the learning rate: the authors' code.
Measured: ImageNet ResNet-50 about 76.0 % top-1 (the authors' code).
Hurts: without the regularisation of batch norm it overfits sooner: the authors train it with mixup.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import torch
from jaxtyping import Float
from torch import Tensor, nn

from assay.data.specification import Specification
from assay.edit_order import at
from assay.errors import InputError
from assay.models.norms import NORMS
from assay.models.residual_block import ResidualBlock
from assay.models.resnet import ResNet
from assay.models.weight_layers import CONVOLUTIONS, WEIGHT_LAYERS, draw_weights
from assay.recipe import Recipe
from assay.tricks.initialisation.he_init import draw_he
from assay.tricks.initialisation.output_bias_init import last_linear


class ScalarBias(nn.Module):
    """inputs + bias, one number for the layer; starts as the identity."""

    def __init__(self) -> None:
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, inputs: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        return inputs + self.bias


class ScalarScale(nn.Module):
    """inputs * scale + bias, one number each; starts as the identity."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(1))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, inputs: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        return inputs * self.scale + self.bias


def branch_scale(blocks: int, convolutions: int) -> float:
    """The factor of a branch's weights, of which the last are 0; 1 where there are no others."""
    return blocks ** (-1.0 / (2 * convolutions - 2)) if convolutions > 1 else 1.0


@torch.no_grad()
def draw_fixup(model: nn.Module) -> None:
    """Set the weights of a residual network in place, and its classifier's bias.

    Raises:
        InputError: the model has no residual blocks.
    """
    blocks = [module for module in model.modules() if isinstance(module, ResidualBlock)]
    if not blocks:
        raise InputError(f"model must have residual blocks, got {type(model).__name__} without any; use ResNet")
    draw_weights(model, partial(draw_he, fan="in", slope=0.0))
    for block in blocks:
        *others, last = [layer for layer in block.branch.modules() if isinstance(layer, CONVOLUTIONS)]
        for layer in others:
            layer.weight.mul_(branch_scale(len(blocks), len(others) + 1))
        nn.init.zeros_(last.weight)
    classifier = last_linear(model)
    nn.init.zeros_(classifier.weight)
    nn.init.zeros_(classifier.bias)


def replace_norms(model: nn.Module) -> None:
    """Scalars in place of norms, a scalar bias before each weight layer but the first, a scale at each branch's end."""
    ends = {id(block.branch[-1]) for block in model.modules() if isinstance(block, ResidualBlock)}
    first = next(module for module in model.modules() if isinstance(module, WEIGHT_LAYERS))
    places = [(owner, name, child) for owner in model.modules() for name, child in owner._modules.items()]
    for owner, name, child in places:
        end = [ScalarScale()] if id(child) in ends else []
        if isinstance(child, NORMS):
            setattr(owner, name, end[0] if end else ScalarBias())
        elif isinstance(child, WEIGHT_LAYERS) and child is not first:
            setattr(owner, name, nn.Sequential(ScalarBias(), child, *end))


def go_without_norms(model: nn.Module, specification: Specification) -> nn.Module:
    """`replace_norms` as a model edit."""
    replace_norms(model)
    return model


def start_small(model: nn.Module, specification: Specification) -> nn.Module:
    """`draw_fixup` as a model edit."""
    draw_fixup(model)
    return model


def slow_scalars(module: nn.Module, name: str, parameter: nn.Parameter) -> Mapping[str, float]:
    """Optimiser settings of one parameter: a tenth of the learning rate for scalars and biases."""
    return {"learning_rate_factor": 0.1} if name in ("bias", "scale") else {}


@dataclass(frozen=True)
class Fixup:
    """Start a ResNet without norms."""

    def __call__(self, recipe: Recipe) -> Recipe:
        recipe.require(isinstance(recipe.model, ResNet), self, "a ResNet")
        changed = recipe.claim(
            self, "first weights", "first biases", "residual start", "norm", "weight_norm", "rates_of_parameters"
        )
        changed = changed.add(model_edits=at("norms", go_without_norms), parameter_rules=slow_scalars)
        return changed.add(model_edits=at("weights", start_small))
