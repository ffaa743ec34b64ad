import pytest
import torch

from assay.network import build_model
from assay.recipe import Recipe
from assay.tricks.activation.noisy_relu import NoisyReLU


def test_noise_acts_in_training_only(tiny_images):
    inputs = torch.randn(5, 1, 8, 8)
    plain, noisy = (
        build_model(recipe, tiny_images.specification, seed=0) for recipe in (Recipe(), Recipe() | NoisyReLU())
    )
    assert not torch.equal(noisy(inputs), noisy(inputs))
    assert torch.equal(noisy.eval()(inputs), plain(inputs))


def test_scale_zero_is_the_network_without_the_trick(tiny_images):
    inputs = torch.randn(5, 1, 8, 8)
    plain, off = (
        build_model(recipe, tiny_images.specification, seed=0) for recipe in (Recipe(), Recipe() | NoisyReLU(0.0))
    )
    assert torch.equal(plain(inputs), off(inputs))


def test_negative_scales_are_refused():
    with pytest.raises(ValueError, match="scale must be finite and at least 0, got -1; 1 is the published form"):
        NoisyReLU(-1)
