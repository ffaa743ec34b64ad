import pytest
import torch
from torch import nn

from assay.models.mlp import MLP
from assay.models.resnet import ResNet
from assay.network import build_model
from assay.recipe import Recipe
from assay.tricks.activation.mish import Mish
from assay.tricks.initialisation.relu_bias import ReluBias, biases_before_activations
from assay.tricks.norm.batch_norm import BatchNorm, BatchNormLayer


def test_hidden_layers_start_on_and_the_last_stays(tiny_images):
    plain, on = (
        build_model(recipe, tiny_images.specification, seed=0)
        for recipe in (Recipe(model=MLP((8, 8))), Recipe(model=MLP((8, 8))) | ReluBias())
    )
    for layer in (1, 3):
        assert torch.equal(on[layer].bias, torch.full((8,), 0.1))
    assert torch.equal(on[5].bias, plain[5].bias)


def test_where_layers_have_none_the_norm_before_the_activation_does_it(tiny_images):
    model = build_model(Recipe(model=ResNet(8, 4)) | Mish() | ReluBias(), tiny_images.specification, seed=0)
    assert torch.equal(model.stem[1].bias, torch.full((4,), 0.1))
    assert not model.stage1[0].last_norm.bias.any()


def test_a_network_without_such_biases_is_refused():
    with pytest.raises(ValueError, match=r"an activation follows a layer with a bias, got Linear without any; take"):
        biases_before_activations(nn.Linear(2, 2))
    with pytest.raises(ValueError, match=r"value must be finite and at least 0, got -1; 0.1 is usual"):
        ReluBias(-1)


def test_behind_a_batch_norm_that_takes_the_layers_bias_the_norms_is_set(tiny_images):
    """In either order; it was lost with the layer's, or refused."""
    for tricks in ((ReluBias(0.3), BatchNorm()), (BatchNorm(), ReluBias(0.3))):
        model = build_model(Recipe(model=MLP((4, 3))) | tricks[0] | tricks[1], tiny_images.specification, seed=0)
        norms = [module for module in model.modules() if isinstance(module, BatchNormLayer)]
        torch.testing.assert_close([norm.bias.tolist() for norm in norms], [[0.3] * 4, [0.3] * 3])
