import math

import pytest
import torch
from scipy.optimize import minimize_scalar
from torch import nn

from assay.models.activations import find_activations
from assay.network import build_model
from assay.recipe import Recipe
from assay.tricks.activation.mish import Mish


def mish(value):
    return value * math.tanh(math.log1p(math.exp(value)))


def test_pytorchs_is_the_formula():
    inputs = torch.linspace(-6, 6, 25, dtype=torch.float64)
    expected = torch.tensor([mish(value) for value in inputs.tolist()], dtype=torch.float64)
    torch.testing.assert_close(nn.Mish()(inputs), expected)


def test_the_least_value_and_its_place_are_the_published_ones():
    found = minimize_scalar(mish, bounds=(-3, 0), method="bounded")
    assert found.x == pytest.approx(-1.1924, abs=1e-4)
    assert found.fun == pytest.approx(-0.30884, abs=1e-5)


def test_every_activation_is_mish(tiny_images):
    network = build_model(Recipe() | Mish(), tiny_images.specification, seed=0)
    assert [type(layer) for *_, layer in find_activations(network)] == [nn.Mish] * 2
