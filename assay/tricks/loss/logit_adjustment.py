"""Logit adjustment: train on outputs plus the classes' log frequencies, answer without: rare classes catch up.

    training    outputs = network(inputs) + strength * log(class_frequencies)
    evaluation  outputs = network(inputs)

The network then learns what a class looks like and not how often it comes: with strength 1 its answers are best
for the mean of the classes' own accuracies.

Source: Menon et al. 2020 (arXiv:2007.07314).
Measured: no figure read by us.
Hurts: accuracy, where classes are as frequent in use as in training. On balanced classes it does nothing. Losses of
sigmoids, whose odds are not these frequencies, and Distillation, whose teacher answers without them, are refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import torch
from jaxtyping import Float
from torch import Tensor, nn

from assay.data.specification import Specification
from assay.edit_order import at
from assay.recipe import Recipe, RecipeError
from assay.tricks.arguments import require_range

SMALLEST_FREQUENCY = 1e-6


class AdjustedNetwork(nn.Module):
    """A network whose outputs are shifted while it trains."""

    shift: Tensor

    def __init__(self, network: nn.Module, shift: Tensor) -> None:
        super().__init__()
        self.network = network
        self.register_buffer("shift", shift, persistent=False)

    def forward(self, inputs: Tensor) -> Tensor:
        outputs = self.network(inputs)
        return outputs + self.shift if self.training else outputs


def adjust_outputs(model: nn.Module, specification: Specification, *, strength: float) -> nn.Module:
    """Model edit: wrap the network.

    Raises:
        RecipeError: the specification does not have one frequency for each class.
    """
    if strength == 0.0:
        return model
    return AdjustedNetwork(model, log_shift(specification, strength=strength))


def log_shift(specification: Specification, *, strength: float) -> Float[Tensor, " classes"]:
    """What is added to the outputs while the network trains.

    Raises:
        RecipeError: the specification does not have one frequency for each class.
    """
    frequencies = specification.class_frequencies
    if len(frequencies) != specification.num_outputs:
        raise RecipeError(
            f"LogitAdjustment needs one class frequency for each of the {specification.num_outputs} classes, got "
            f"{len(frequencies)}; fill Specification.class_frequencies from the training split"
        )
    return strength * torch.tensor(frequencies).clamp(min=SMALLEST_FREQUENCY).log()


@dataclass(frozen=True)
class LogitAdjustment:
    """Shift the outputs by log frequencies in training. strength: 1 is usual, 0 is off."""

    strength: float = 1.0

    def __post_init__(self) -> None:
        require_range("strength", self.strength, 0.0, usual="1 is usual, and 0 turns it off")

    def __call__(self, recipe: Recipe) -> Recipe:
        recipe.require(recipe.task == "classification", self, "a classification task")
        recipe = recipe.claim(self, "probabilities_of_outputs", "answers_in_training")
        return recipe.add(model_edits=at("shift of outputs", partial(adjust_outputs, strength=self.strength)))
