from dataclasses import dataclass

import pytest
import torch
from torch import nn

from assay.models.convnet import ConvNet
from assay.models.mlp import MLP
from assay.models.resnet import ResNet
from assay.recipe import Recipe, RecipeError
from assay.tricks.drop.dropout import Dropout, drop


def test_kept_inputs_are_scaled_and_the_others_zero():
    outputs = drop(torch.ones(10_000), probability=0.2, generator=torch.Generator().manual_seed(0))
    assert set(outputs.tolist()) == {0.0, 1.25}
    # The mean of 10,000 such draws has deviation sqrt(0.25 / 10,000) = 0.005; four of those.
    assert abs(outputs.mean().item() - 1.0) < 0.02


def test_values_agree_with_torch():
    inputs = torch.randn(1000, generator=torch.Generator().manual_seed(1))
    with torch.random.fork_rng():
        torch.manual_seed(0)
        theirs = nn.Dropout(0.3)(inputs)
    ours = drop(inputs, probability=0.3, generator=torch.Generator().manual_seed(0))
    both_kept = (ours != 0) & (theirs != 0)
    assert both_kept.sum() > 300
    assert torch.allclose(ours[both_kept], theirs[both_kept])


def test_zero_is_identity():
    inputs = torch.randn(5)
    assert drop(inputs, probability=0.0, generator=torch.Generator()) is inputs


@pytest.mark.parametrize("model", [MLP(), ConvNet(), ResNet()])
def test_the_trick_sets_the_models_option(model):
    recipe = Recipe(model=model) | Dropout(0.25)
    network = recipe.model.build((1, 8, 8), 3)
    rates = [module.p for module in network.modules() if isinstance(module, nn.Dropout)]
    assert rates
    assert set(rates) == {0.25}
    assert (Recipe(model=model) | Dropout(0.0)).model == model


@dataclass(frozen=True)
class Plain:
    def build(self, input_shape: tuple[int, ...], num_outputs: int) -> nn.Module:
        return nn.Linear(input_shape[0], num_outputs)


def test_a_model_without_the_option_is_refused():
    with pytest.raises(RecipeError, match="Dropout needs a model with the option dropout; this recipe has Plain"):
        Recipe(model=Plain()) | Dropout()


@pytest.mark.parametrize("probability", [-0.1, 1.0, float("nan")])
def test_bad_probabilities_are_refused(probability):
    with pytest.raises(ValueError, match=r"probability must be in \[0, 1\), got .*; the usual value is 0.5"):
        Dropout(probability)
    with pytest.raises(ValueError, match="probability must be in"):
        drop(torch.ones(2), probability=probability, generator=torch.Generator())
