import pytest
import torch
from torch import nn

from assay.models.mlp import MLP
from assay.network import build_model
from assay.recipe import Recipe, RecipeError
from assay.tricks.activation.leaky_relu import LeakyReLU
from assay.tricks.activation.mish import Mish


def test_by_hand(tiny_images):
    network = build_model(Recipe() | LeakyReLU(0.1), tiny_images.specification, seed=0)
    (activation, _) = (module for module in network if isinstance(module, nn.LeakyReLU))
    torch.testing.assert_close(activation(torch.tensor([-2.0, 0.0, 3.0])), torch.tensor([-0.2, 0.0, 3.0]))


def test_slope_zero_is_the_network_without_the_trick(tiny_images):
    inputs = torch.randn(5, 1, 8, 8)
    plain, off = (
        build_model(recipe, tiny_images.specification, seed=0)
        for recipe in (Recipe(model=MLP()), Recipe(model=MLP()) | LeakyReLU(0.0))
    )
    assert torch.equal(plain(inputs), off(inputs))


def test_one_activation_at_a_time():
    with pytest.raises(RecipeError, match="Mish and LeakyReLU both set activation; keep one of them"):
        Recipe() | LeakyReLU() | Mish()


@pytest.mark.parametrize("slope", [-0.1, 1.5, float("nan")])
def test_bad_slopes_are_refused(slope):
    with pytest.raises(ValueError, match=r"slope must be in \[0, 1\], got .*; 0.01 is usual, and 0 is ReLU"):
        LeakyReLU(slope)
