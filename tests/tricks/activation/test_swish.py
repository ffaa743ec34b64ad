import pytest
import torch
from torch import nn

from assay.models.activations import SwishLayer, find_activations
from assay.network import build_model
from assay.recipe import Recipe
from assay.tricks.activation.swish import Swish


def test_beta_one_is_pytorchs_silu_and_others_follow_the_formula(tiny_images):
    network = build_model(Recipe() | Swish(), tiny_images.specification, seed=0)
    assert [type(layer) for *_, layer in find_activations(network)] == [nn.SiLU] * 2
    sharp = build_model(Recipe() | Swish(2.0), tiny_images.specification, seed=0)
    layers = [layer for *_, layer in find_activations(sharp)]
    assert [type(layer) for layer in layers] == [SwishLayer] * 2
    # 1 * sigmoid(2) = 0.880797; -1 * sigmoid(-2) = -0.119203
    torch.testing.assert_close(layers[0](torch.tensor([1.0, -1.0])), torch.tensor([0.880797, -0.119203]))


def test_negative_betas_are_refused():
    with pytest.raises(ValueError, match="beta must be finite and at least 0, got -1; 1 is usual"):
        Swish(-1)
