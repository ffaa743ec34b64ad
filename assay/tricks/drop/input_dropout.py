"""Input dropout: values of the input are set to 0 at random, so that no single one can be relied on.

    training    inputs = inputs * keep / (1 - probability),  keep ~ Bernoulli(1 - probability)
    evaluation  inputs = inputs

Inputs are normalised, so 0 is the mean. With `Dropout(0.5)` in an MLP it is the recipe of the paper on dropout:
0.8 of the inputs and 0.5 of the hidden units are kept, in wide layers, with a rate 10 to 100 times as high.

Source: Srivastava et al. 2014 (JMLR 15:1929), appendix A.4.
Measured: no figure read by us that isolates it. With dropout of hidden units, MNIST test error: logistic units
1.60 -> 1.35 %; ReLU 1.25 %, with max-norm 1.06 % (Srivastava et al. 2014, table 2; networks differ in size).
Hurts: short trainings; inputs of few columns, each of which says something else.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from torch import nn

from assay.data.specification import Specification
from assay.edit_order import at
from assay.models.input_layers import prepare_inputs
from assay.recipe import Recipe
from assay.tricks.arguments import require_below_one


def drop_inputs(model: nn.Module, specification: Specification, *, probability: float) -> nn.Module:
    """Model edit: a dropout layer in front of the network, after those that prepare its inputs."""
    return prepare_inputs(model, nn.Dropout(probability))


@dataclass(frozen=True)
class InputDropout:
    """Drop inputs. probability: share set to 0, in [0, 1); usual 0.2, and 0 turns it off."""

    probability: float = 0.2

    def __post_init__(self) -> None:
        require_below_one("probability", self.probability, usual="0.2 is usual, and 0 turns it off")

    def __call__(self, recipe: Recipe) -> Recipe:
        if not self.probability:
            return recipe
        return recipe.add(model_edits=at("dropout of inputs", partial(drop_inputs, probability=self.probability)))
