"""Output bias: the network starts by predicting the marginal distribution of the targets.

    classification   bias = log(class frequencies), so softmax(bias) = class frequencies
    regression       bias = 0: targets are standardised, so 0 is their mean

The first steps then learn from inputs, not how frequent each class is: no hockey-stick loss curve.
Classes are floored at `floor`, so that an unseen class gets a finite bias.

Source: Goodfellow et al. 2016, section 8.4; Karpathy 2019, "A Recipe for Training Neural Networks", "init well".
Measured: no published effect on final accuracy; the first loss falls from log(classes) to the targets' entropy.
Hurts: a model judged on balanced classes after training on unbalanced ones starts with the wrong prior;
balanced classes leave nothing to gain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import torch
from jaxtyping import Float
from torch import Tensor, nn

from assay.data.specification import Specification
from assay.errors import InputError
from assay.models.abilities import has_output_bias
from assay.recipe import Recipe, RecipeError


def log_frequencies(frequencies: Sequence[float], *, floor: float = 1e-4) -> Float[Tensor, "classes"]:
    """Logits whose softmax is the class frequencies, after raising each to at least `floor`.

    Raises:
        ValueError: floor is not above 0 and at most 1, or a frequency is negative or not finite.
    """
    _check_floor(floor)
    shares = torch.tensor(list(frequencies), dtype=torch.float64)
    if not (torch.isfinite(shares) & (shares >= 0)).all():
        raise ValueError(
            f"frequencies must be finite and at least 0, got {list(frequencies)}; "
            "count the classes of the training split"
        )
    return shares.clamp(min=floor).log().float()


def last_linear(model: nn.Module) -> nn.Linear:
    """The last linear layer of a model, in the order it registered them.

    Raises:
        InputError: there is none, or it has no bias.
    """
    layers = [module for module in model.modules() if isinstance(module, nn.Linear)]
    if not layers or layers[-1].bias is None:
        raise InputError(
            f"model must end in a linear layer with a bias, got {type(model).__name__} without one; "
            "give its last nn.Linear bias=True"
        )
    return layers[-1]


def set_output_bias(model: nn.Module, specification: Specification, *, floor: float = 1e-4) -> None:
    """Set the last linear layer's bias in place, from the training split's targets.

    Raises:
        RecipeError: the specification does not have one frequency for each output.
    """
    layer = last_linear(model)
    if specification.task == "regression":
        nn.init.zeros_(layer.bias)
        return
    frequencies = specification.class_frequencies
    if len(frequencies) != layer.out_features:
        raise RecipeError(
            f"OutputBiasInit needs one class frequency for each of the {layer.out_features} outputs, "
            f"got {len(frequencies)}; fill Specification.class_frequencies from the training split"
        )
    with torch.no_grad():
        layer.bias.copy_(log_frequencies(frequencies, floor=floor))


def start_from_marginals(model: nn.Module, specification: Specification, *, floor: float) -> nn.Module:
    """`set_output_bias` as a model edit."""
    set_output_bias(model, specification, floor=floor)
    return model


@dataclass(frozen=True)
class OutputBiasInit:
    """Start from the marginal distribution of the targets.

    floor: the smallest share a class is given, in (0, 1].
    """

    floor: float = 1e-4

    def __post_init__(self) -> None:
        _check_floor(self.floor)

    def __call__(self, recipe: Recipe) -> Recipe:
        recipe.require(has_output_bias(recipe.model), self, "a network whose last layer has a bias")
        return recipe.add(model_edits=partial(start_from_marginals, floor=self.floor))


def _check_floor(floor: float) -> None:
    if not 0.0 < floor <= 1.0:
        raise ValueError(f"floor must be above 0 and at most 1, got {floor}; the usual value is 0.0001")
