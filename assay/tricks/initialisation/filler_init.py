"""Fillers: the named first weights and biases of Caffe's network files.

    gaussian           N(0, value ^ 2)
    uniform            U(-value, value)
    xavier             U(-sqrt(3 / n), sqrt(3 / n))
    msra               N(0, 2 / n)
    positive_unitball  U(0, 1), then divided so that each output's weights sum to 1
    bilinear           the kernel that interpolates, in transposed convolutions of one channel a group
    constant           value; for biases only

n is fan in, fan out or their average. Constant weights, zeros among them, are refused: equal units get equal
gradients and stay equal for ever, so that a layer never learns more than one unit could (symmetry).
Two of these may stand together, one of weights and one of biases, which are those of the hidden layers.

Source: Caffe's caffe.proto, FillerParameter, and filler.hpp.
Measured: no figure read by us.
Hurts: positive_unitball makes every output a mean of its inputs, so all outputs of a layer start alike.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from jaxtyping import Float
from torch import Tensor, nn

from assay.data.specification import Specification
from assay.edit_order import Phase, at
from assay.errors import InputError
from assay.models.weight_layers import TRANSPOSED, Draw, FannedWeight, hidden_biases, weight_edit
from assay.recipe import Recipe
from assay.tricks.arguments import require_choice

FILLERS = ("constant", "gaussian", "uniform", "positive_unitball", "xavier", "msra", "bilinear")
BIAS_FILLERS = ("constant", "gaussian", "uniform")
NORMS = ("fan_in", "fan_out", "average")
Edit = Callable[[nn.Module, Specification], nn.Module]


def bilinear_kernel(size: int) -> Float[Tensor, "size size"]:
    """The weights of a transposed convolution that enlarges by interpolation."""
    factor = math.ceil(size / 2)
    line = 1.0 - (torch.arange(size) - (size - 1) / 2).abs() / factor
    return line[:, None] * line


def fan(weight: FannedWeight, norm: str) -> float:
    """The n of xavier and msra."""
    average = (weight.fan_in + weight.fan_out) / 2.0
    return {"fan_in": weight.fan_in, "fan_out": weight.fan_out, "average": average}[norm]


def draw_positive_unitball(weight: FannedWeight) -> None:
    """Weights in [0, 1] that sum to 1 for each slice along the first dimension."""
    values = nn.init.uniform_(weight.values)
    values.div_(values.flatten(1).sum(1).view(-1, *[1] * (values.dim() - 1)))


def fillers(value: float, norm: str) -> dict[str, Draw]:
    """What fills one weight, by name, where it needs nothing but the weight and its fans."""

    def uniform(weight: FannedWeight, limit: float) -> None:
        nn.init.uniform_(weight.values, -limit, limit)

    def normal(weight: FannedWeight, deviation: float) -> None:
        nn.init.normal_(weight.values, 0.0, deviation)

    return {
        "gaussian": lambda weight: normal(weight, value),
        "uniform": lambda weight: uniform(weight, value),
        "xavier": lambda weight: uniform(weight, math.sqrt(3.0 / fan(weight, norm))),
        "msra": lambda weight: normal(weight, math.sqrt(2.0 / fan(weight, norm))),
        "positive_unitball": draw_positive_unitball,
    }


@torch.no_grad()
def fill_bilinear(model: nn.Module, specification: Specification) -> nn.Module:
    """Model edit: set every transposed convolution of one channel a group.

    Raises:
        InputError: there is none; in other layers equal kernels would make equal units.
    """
    layers = [
        module
        for module in model.modules()
        if isinstance(module, TRANSPOSED) and module.weight.dim() == 4 and module.groups == module.in_channels
        and module.weight.shape[1] == 1 and module.weight.shape[2] == module.weight.shape[3]
    ]  # fmt: skip
    if not layers:
        raise InputError(
            f"model must have square transposed convolutions of one channel a group for the bilinear filler, got "
            f"{type(model).__name__} without any; elsewhere equal kernels make equal units (symmetry)"
        )
    for layer in layers:
        layer.weight.copy_(bilinear_kernel(layer.weight.shape[-1]))
    return model


@torch.no_grad()
def fill_biases(model: nn.Module, specification: Specification, *, filler: str, value: float) -> nn.Module:
    """Model edit: fill the hidden layers' biases."""
    for bias in hidden_biases(model):
        if filler == "constant":
            nn.init.constant_(bias, value)
        else:
            fillers(value, "fan_in")[filler](FannedWeight(bias, 1, 1))
    return model


@dataclass(frozen=True)
class FillerInit:
    """Fill weights or hidden biases as a Caffe network file names it.

    filler: constant, gaussian, uniform, positive_unitball, xavier, msra or bilinear, of biases the first three;
    of: "weights" or "biases"; value: the constant, the deviation (gaussian) or half the width (uniform); norm: the n
    of xavier and msra.
    """

    filler: str = "xavier"
    of: str = "weights"
    value: float = 0.01
    norm: str = "fan_in"

    def __post_init__(self) -> None:
        require_choice("filler", self.filler, FILLERS)
        require_choice("of", self.of, ("weights", "biases"))
        require_choice("norm", self.norm, NORMS)
        if self.of == "biases":
            require_choice("filler of biases", self.filler, BIAS_FILLERS)
        draws_by_value = self.filler in ("gaussian", "uniform")
        if not math.isfinite(self.value) or (draws_by_value and self.value < 0.0):
            raise ValueError(f"value must be finite, and at least 0 as a width, got {self.value}; 0.01 is usual")
        if self.of == "weights" and (self.filler == "constant" or (draws_by_value and self.value == 0.0)):
            raise ValueError(
                f"filler of weights must draw different values, got {self.filler} with value {self.value}: units that "
                "start equal get equal gradients and stay equal for ever (symmetry); use xavier, or of='biases'"
            )

    def __call__(self, recipe: Recipe) -> Recipe:
        edit: Edit = fill_bilinear
        if self.of == "biases":
            edit = partial(fill_biases, filler=self.filler, value=self.value)
        elif self.filler != "bilinear":
            edit = weight_edit(fillers(self.value, self.norm)[self.filler])
        return recipe.claim(self, f"first {self.of}").add(model_edits=at(self.phase, edit))

    @property
    def phase(self) -> Phase:
        """When it acts."""
        return "biases" if self.of == "biases" else "weights"
