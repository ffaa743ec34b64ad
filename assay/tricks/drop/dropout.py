"""Dropout: features are set to 0 at random, so that no feature can rely on another.

    training    outputs = inputs * keep / (1 - probability),  keep ~ Bernoulli(1 - probability)
    evaluation  outputs = inputs

In an MLP it acts after every hidden layer; in a ConvNet or ResNet on the pooled features, before the
last layer, where it does not disturb the statistics of batch norm.

Source: Srivastava et al. 2014 (JMLR 15:1929), section 4; scaled at training time, as its section 10 allows.
Measured: MNIST test error: logistic units 1.60 %, with dropout 1.35 %; ReLU with dropout 1.25 %, and max-norm
1.06 % (Srivastava et al. 2014, table 2; networks differ in size).
Hurts: short trainings; very large data sets; before batch norm (Li et al. 2018, arXiv:1801.05134).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from assay.recipe import Recipe
from assay.tricks.arguments import require_below_one


def drop(inputs: Float[Tensor, "*shape"], *, probability: float, generator: torch.Generator) -> Float[Tensor, "*shape"]:
    """Set each input to 0 with this probability and scale the rest, so that the mean stays.

    The definition: networks use `torch.nn.Dropout`, which draws from torch's global state.

    Args:
        probability: share set to 0, in [0, 1); usual 0.5 in an MLP, 0.1 to 0.3 after convolutions.
    Raises:
        ValueError: probability is outside [0, 1).
    """
    _check_probability(probability)
    if probability == 0.0:
        return inputs
    uniform = torch.rand(inputs.shape, generator=generator, device=generator.device)
    keep = (uniform >= probability).to(inputs.device)
    return inputs * keep / (1.0 - probability)


@dataclass(frozen=True)
class Dropout:
    """Set the model's `dropout` option. probability: of each unit, in [0, 1); usual 0.5 in wide layers; 0 is off."""

    probability: float = 0.5

    def __post_init__(self) -> None:
        _check_probability(self.probability)

    def __call__(self, recipe: Recipe) -> Recipe:
        return recipe.set_options(self, "model", dropout=self.probability)


def _check_probability(probability: float) -> None:
    require_below_one("probability", probability, usual="the usual value is 0.5, and 0 is off")
