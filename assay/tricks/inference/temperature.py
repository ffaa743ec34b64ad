"""Temperature: a trained network's outputs are divided by a constant, which makes its answers less sure, or surer.

    training    outputs = network(inputs)
    evaluation  outputs = network(inputs) / temperature

Which class is likeliest does not change; how likely does. It is a number you give, from a validation split.

Also: temperature scaling.
Source: Guo et al. 2017 (arXiv:1706.04599), section 4.2.
Measured: no figure read by us.
Hurts: nothing when fitted on validation data; a temperature of another training is a guess.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from torch import Tensor, nn

from assay.data.specification import Specification
from assay.edit_order import at
from assay.recipe import Recipe
from assay.tricks.arguments import require_finite_above_zero


class TemperedNetwork(nn.Module):
    """A network whose outputs are divided by a constant outside training."""

    def __init__(self, network: nn.Module, temperature: float) -> None:
        super().__init__()
        self.network = network
        self.temperature = temperature

    def forward(self, inputs: Tensor) -> Tensor:
        outputs = self.network(inputs)
        return outputs if self.training else outputs / self.temperature


def temper_outputs(model: nn.Module, specification: Specification, *, temperature: float) -> nn.Module:
    """Model edit: wrap the network; at temperature 1 it stays as it is."""
    return model if temperature == 1.0 else TemperedNetwork(model, temperature)


@dataclass(frozen=True)
class Temperature:
    """Divide the outputs after training. temperature: above 1 is less sure, below 1 surer, 1 is off."""

    temperature: float = 1.5

    def __post_init__(self) -> None:
        require_finite_above_zero("temperature", self.temperature, usual="1 turns it off")

    def __call__(self, recipe: Recipe) -> Recipe:
        recipe.require(recipe.task == "classification", self, "a classification task")
        return recipe.add(model_edits=at("answers", partial(temper_outputs, temperature=self.temperature)))
