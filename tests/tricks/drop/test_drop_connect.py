import pytest
import torch
from torch import nn

from assay.models.mlp import MLP
from assay.recipe import Recipe
from assay.tricks.drop.drop_connect import DropConnect, DropConnectLinear, drop_weights


def test_weights_are_dropped_for_the_whole_batch_in_training_only():
    linear = nn.Linear(50, 3)
    nn.init.ones_(linear.weight)
    layer = DropConnectLinear(linear, 0.5)
    shown = layer(torch.eye(50)) - linear.bias
    assert set(shown.round(decimals=4).flatten().tolist()) == {0.0, 2.0}
    one = layer(torch.ones(1, 50).expand(4, 50))
    assert torch.equal(one, one[:1].expand_as(one))
    inputs = torch.randn(4, 50)
    assert torch.equal(layer.eval()(inputs), linear(inputs))


def test_parameters_and_their_names_stay(tiny_images):
    network = MLP((8, 8)).build((4,), 2)
    before = dict(network.named_parameters())
    edited = drop_weights(network, tiny_images.specification, probability=0.5)
    after = dict(edited.named_parameters())
    assert list(after) == list(before)
    assert all(after[name] is before[name] for name in before)
    assert sum(isinstance(module, DropConnectLinear) for module in edited.modules()) == 3


@pytest.mark.parametrize("before", [True, False])
def test_weights_that_are_computed_are_dropped_too(before, tiny_images):
    network = nn.Sequential(nn.Linear(50, 2, bias=False))
    if before:
        nn.utils.parametrizations.spectral_norm(network[0])
    network = drop_weights(network, tiny_images.specification, probability=0.5)
    if not before:
        nn.utils.parametrizations.spectral_norm(network[0])
    shown = network(torch.eye(50))
    assert 20 < (shown == 0).sum() < 80
    shown.sum().backward()
    assert all(parameter.grad is not None for parameter in network.parameters())
    assert (network.eval()(torch.eye(50)) != 0).all()


def test_off_it_adds_nothing_and_what_it_refuses(tiny_images):
    assert (Recipe() | DropConnect(0.0)).model_edits == ()
    with pytest.raises(ValueError, match=r"probability must be in \[0, 1\), got 1"):
        DropConnect(1.0)
    with pytest.raises(ValueError, match="must have linear layers inside it, got ReLU without any"):
        drop_weights(nn.ReLU(), tiny_images.specification, probability=0.5)
