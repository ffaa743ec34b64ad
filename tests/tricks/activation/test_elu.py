import pytest
import torch

from assay.models.activations import find_activations
from assay.network import build_model
from assay.recipe import Recipe
from assay.tricks.activation.elu import ELU


def test_by_hand(tiny_images):
    activation = find_activations(build_model(Recipe() | ELU(2.0), tiny_images.specification, seed=0))[0][2]
    # 2 (e^-1 - 1) = -1.264241
    torch.testing.assert_close(activation(torch.tensor([-1.0, 0.0, 3.0])), torch.tensor([-1.264241, 0.0, 3.0]))
    assert activation(torch.tensor(-50.0)) == -2.0


def test_alpha_zero_is_the_network_without_the_trick(tiny_images):
    inputs = torch.randn(5, 1, 8, 8)
    plain, off = (build_model(recipe, tiny_images.specification, seed=0) for recipe in (Recipe(), Recipe() | ELU(0.0)))
    assert torch.equal(plain(inputs), off(inputs))


def test_negative_alphas_are_refused():
    with pytest.raises(ValueError, match="alpha must be finite and at least 0, got -1; 1 is usual, and 0 is ReLU"):
        ELU(-1)
