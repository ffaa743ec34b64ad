import torch
from torch import nn

from assay.models.activations import find_activations
from assay.network import build_model
from assay.recipe import Recipe
from assay.tricks.activation.selu import SELU


def test_every_activation_is_pytorchs(tiny_images):
    network = build_model(Recipe() | SELU(), tiny_images.specification, seed=0)
    assert [type(layer) for *_, layer in find_activations(network)] == [nn.SELU] * 2


def test_mean_zero_and_variance_one_are_a_fixed_point():
    inputs = torch.randn(400_000, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    outputs = nn.SELU()(inputs)
    # The mean of n draws is off by 1 / sqrt(n), the variance by about twice that.
    assert abs(outputs.mean().item()) < 0.006
    assert abs(outputs.var().item() - 1) < 0.012
