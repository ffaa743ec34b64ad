import math

import pytest
import torch
from torch import nn

from assay.losses import MeanSquaredError
from assay.recipe import Recipe, RecipeError
from assay.tricks.inference.temperature import Temperature, temper_outputs


def test_by_hand_after_training_only(tiny_images):
    network = temper_outputs(nn.Identity(), tiny_images.specification, temperature=2.0)
    outputs = torch.tensor([[0.0, math.log(9.0)]])
    assert torch.equal(network(outputs), outputs)
    torch.testing.assert_close(network.eval()(outputs).softmax(1), torch.tensor([[0.25, 0.75]]))


def test_temperature_1_is_the_network_itself(tiny_images):
    network = nn.Linear(2, 2)
    assert temper_outputs(network, tiny_images.specification, temperature=1.0) is network


def test_what_it_refuses():
    assert len((Recipe() | Temperature()).model_edits) == 1
    with pytest.raises(RecipeError, match="Temperature needs a classification task"):
        Recipe(loss=MeanSquaredError()) | Temperature()
    with pytest.raises(ValueError, match="temperature must be finite and above 0, got 0"):
        Temperature(0.0)
