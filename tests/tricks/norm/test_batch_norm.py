import pytest
import torch
from torch import nn

from assay.models.mlp import MLP
from assay.models.norms import find_norms
from assay.models.resnet import ResNet
from assay.recipe import Recipe
from assay.training.train import train
from assay.tricks.norm.batch_norm import BatchNorm


def edited(model, tiny_images, **values):
    (edit,) = (Recipe(model=model) | BatchNorm(**values)).model_edits
    return edit(model.build((1, 8, 8), 4), tiny_images.specification)


def test_a_perceptron_gets_one_before_each_activation_and_loses_the_biases(tiny_images):
    network = edited(MLP((6, 5)), tiny_images, momentum=0.3)
    assert [norm.momentum for norm in find_norms(network).values()] == [0.3, 0.3]
    hidden = network[1](torch.randn(9, 64, generator=torch.Generator().manual_seed(0)))
    torch.testing.assert_close(hidden.mean(0), torch.zeros(6), atol=1e-5, rtol=0)
    torch.testing.assert_close(hidden.var(0, correction=0), torch.ones(6), atol=1e-2, rtol=0)
    assert [linear.bias is None for linear in network.modules() if isinstance(linear, nn.Linear)] == [True, True, False]


def test_a_network_that_has_it_stays_as_it_is(tiny_images):
    network = ResNet(8, 4).build((1, 8, 8), 4)
    before = dict(network.named_modules())
    (edit,) = (Recipe(model=ResNet(8, 4)) | BatchNorm()).model_edits
    assert edit(network, tiny_images.specification) is network
    assert all(before[name] is module for name, module in network.named_modules())


def test_other_norms_give_way(tiny_images):
    norms = find_norms(edited(ResNet(8, 4, norm="group"), tiny_images))
    assert all(hasattr(norm, "running_mean") for norm in norms.values())


def test_it_trains(tiny_images):
    run = train(Recipe(model=MLP((8,)), batch_size=12, epochs=2) | BatchNorm(), tiny_images)
    assert run.model.state_dict()["1.norm.num_batches_tracked"] == 4


def test_impossible_momentum_is_refused():
    with pytest.raises(ValueError, match=r"momentum must be in \(0, 1\], got 0.0"):
        BatchNorm(0.0)
